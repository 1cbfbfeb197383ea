import { invalidParameter, limitExceeded } from './errors';

/** Staging label -> version id. */
export type Labels = ReadonlyMap<string, string>;

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const PENDING = 'AWSPENDING';

/** "Staging labels attached across all versions of a secret: 20" (quotas page); AWSCURRENT and AWSPREVIOUS count. */
const MAX_LABELS = 20;

/** Sorted alphabetically, as AWS gives them (recorded). */
export function stagesOf(labels: Labels, versionId: string): string[] {
  return [...labels].flatMap(([stage, id]) => (id === versionId ? [stage] : [])).sort();
}

/** Version id -> its labels, in the order of `versionIds`; versions without label are left out (API reference, DescribeSecret). */
export function stagesByVersion(labels: Labels, versionIds: Iterable<string>): Record<string, string[]> {
  const labelled = new Set(labels.values());
  const found = [...versionIds].filter((id) => labelled.has(id));
  return Object.fromEntries(found.map((id) => [id, stagesOf(labels, id)] as const));
}

/**
 * The labels after PutSecretValue or UpdateSecret made version `id`. Only the named labels move. Where AWSCURRENT moves, AWSPREVIOUS
 * goes to the version it left, and AWSPENDING vanishes from that version (recorded: `stages_current_pending`). Whether a custom label
 * there survives is neither documented nor recorded: here it does.
 */
export function labelNewVersion(labels: Labels, stages: readonly string[], id: string): Labels {
  const next = new Map(labels);
  const left = labels.get(CURRENT);
  if (stages.includes(CURRENT) && left !== undefined) {
    next.set(PREVIOUS, left);
    if (next.get(PENDING) === left) next.delete(PENDING);
  }
  for (const stage of stages) next.set(stage, id);
  return withinQuota(next);
}

export interface LabelMove {
  readonly stage: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The labels after UpdateSecretVersionStage: a compare-and-swap on the holder of the label. AWSPREVIOUS follows AWSCURRENT; all other
 * labels stay (recorded). A label that is already where it is to go stays there, without error: AWS's answer to that is undocumented.
 */
export function moveLabel(labels: Labels, move: LabelMove): Labels {
  checkMove(labels, move);
  const next = new Map(labels);
  const holder = labels.get(move.stage);
  if (move.to === undefined) next.delete(move.stage);
  else next.set(move.stage, move.to);
  if (move.stage === CURRENT && holder !== undefined && holder !== move.to) next.set(PREVIOUS, holder);
  return withinQuota(next);
}

function checkMove(labels: Labels, { stage, from, to }: LabelMove): void {
  const holder = labels.get(stage);
  if (from === undefined && to === undefined)
    throw invalidParameter('You must provide RemoveFromVersionId, MoveToVersionId or both.');
  if (from !== undefined && from !== holder)
    throw invalidParameter(`The staging label ${stage} is not attached to version ${from} in RemoveFromVersionId.`);
  if (to === undefined && stage === CURRENT)
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  if (from === undefined && holder !== undefined && holder !== to)
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, ` +
        'so you must explicitly reference that version in RemoveFromVersionId.',
    );
}

function withinQuota(labels: Labels): Labels {
  if (labels.size > MAX_LABELS)
    throw limitExceeded(
      `The secret would hold ${labels.size} staging labels over all its versions; ${MAX_LABELS} are allowed.`,
    );
  return labels;
}
