import { parseRecord } from '../../src/attempt-record';
import type { GrantFields } from '../../src/provider';
import { parseTags, type RotationTags } from '../../src/rotation-tags';
import { Sensitive } from '../../src/sensitive';
import { ANSWER_FIELDS, grantFields } from '../../src/stored-value';
import type { Credential } from '../../src/types';
import { parseVersionId } from '../../src/version-ids';
import type { LabWorld } from './memory-world';

export type Label = 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING' | 'ROTATION_GIVEN_UP';

/** What a secret holds, read past its wire. */
export interface LabView {
  holder(label: Label): string | undefined;
  /** The grant that the version with this label holds. */
  grantOn(label: Label): string | undefined;
  grantOf(version: string | undefined): string | undefined;
  textOf(version: string): string;
  tags(): RotationTags;
  /** As jobs name what is current. */
  currentName(): string;
}

type TagMap = ReadonlyMap<string, string>;
const NO_TAGS: TagMap = new Map();
const parsed = new WeakMap<TagMap, RotationTags>(); // a change of tags makes another map

function parse(tags: TagMap): RotationTags {
  const known = parsed.get(tags);
  if (known !== undefined) return known;
  const made = parseTags(Object.fromEntries(tags));
  parsed.set(tags, made);
  return made;
}

export function labView(world: LabWorld, credential: () => Credential): LabView {
  const secret = () => world.aws.named(credential().secretName).secret;
  const textOf = (version: string): string => {
    const value = secret()?.versions.get(version)?.value;
    return value !== undefined && 'SecretString' in value ? value.SecretString : '';
  };
  const view: LabView = {
    holder: (label) => secret()?.labels.get(label),
    textOf,
    grantOn: (label) => view.grantOf(view.holder(label)),
    grantOf(version) {
      if (version === undefined) return undefined;
      const text = textOf(version);
      const isValue = text.startsWith('{') && parseRecord(text) === undefined;
      return (isValue ? grantIn(credential(), text) : undefined) ?? credential().adopt?.grants[version];
    },
    tags: () => parse(secret()?.tags ?? NO_TAGS),
    currentName() {
      const current = view.holder('AWSCURRENT');
      return current === undefined || parseVersionId(current).is === 'intent' ? 'none' : current;
    },
  };
  return view;
}

function grantIn(credential: Credential, text: string): string | undefined {
  const fields: GrantFields = grantFields(credential, new Sensitive(text));
  return ANSWER_FIELDS[credential.kind].grant === undefined ? fields.secret?.reveal() : fields.grant;
}
