import type { Tag } from '@aws-sdk/client-secrets-manager';
import { parseTags, type Tags } from '../rotation-tags';
import type { Observation } from '../secret-store';
import { parseVersionId, type VersionId } from '../version-ids';

// The only file that spells staging labels. Ours are two: at most 20 labels hang on all versions of a secret together.
export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
const PREVIOUS = 'AWSPREVIOUS';
export const GIVEN_UP = 'ROTATION_GIVEN_UP';
export const TRY = 'ROTATION_TRY';

/** What DescribeSecret and an entry of ListSecrets say alike. */
export interface Described {
  readonly Name?: string | undefined;
  readonly Tags?: Tag[] | undefined;
  readonly RotationEnabled?: boolean | undefined;
  readonly DeletedDate?: Date | undefined;
  readonly LastChangedDate?: Date | undefined;
  readonly LastAccessedDate?: Date | undefined;
  readonly CreatedDate?: Date | undefined;
}

export type Labels = Readonly<Record<string, readonly string[]>>;

export const tagsOf = (described: Described): Tags =>
  Object.fromEntries((described.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

const holderOf = (labels: Labels, label: string): string | undefined =>
  Object.keys(labels).find((version) => labels[version]?.includes(label));

/** @param seenAt monotonic ms, taken before the call was sent */
export function observation(described: Described, labels: Labels, seenAt: number): Observation {
  const on = (label: string): VersionId | undefined => {
    const version = holderOf(labels, label);
    return version === undefined ? undefined : parseVersionId(version);
  };
  return {
    secretName: described.Name ?? '',
    current: on(CURRENT),
    pending: on(PENDING),
    previous: on(PREVIOUS),
    givenUp: holderOf(labels, GIVEN_UP),
    labelled: Object.keys(labels).filter((version) => (labels[version]?.length ?? 0) > 0),
    tags: parseTags(tagsOf(described)),
    awsRotation: described.RotationEnabled ?? false,
    scheduledForDeletion: described.DeletedDate !== undefined,
    lastChangedAt: (described.LastChangedDate ?? described.CreatedDate ?? new Date(0)).getTime(),
    lastAccessedOn: described.LastAccessedDate?.getTime(),
    seenAt,
  };
}
