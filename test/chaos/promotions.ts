import { hashShare } from '../../src/due';
import { baseHash, parseVersionId, type ValueId } from '../../src/version-ids';
import type { CompanyCredential } from '../support/company';
import type { LogLine } from '../support/worker-process';
import { recordsOf } from './records';
import type { Seen } from './seen';
import type { Sent } from './sending';

// No double issue: each version that became current had one reason to, and was promoted once, from its base.

type Reason = 'first' | 'due' | 'message' | 'current-refused' | 'import';

export interface Promotions {
  /** How many versions became current, by why. */
  readonly reasons: Readonly<Record<Reason, number>>;
  /** What had no reason, or more than one promotion. */
  readonly findings: readonly string[];
}

export interface Evidence {
  readonly seen: Seen;
  readonly credentials: readonly CompanyCredential[];
  readonly rotateEveryMs: number;
  /** Of all workers. */
  readonly lines: readonly LogLine[];
  readonly sent: readonly Sent[];
}

export function promotionsOf(evidence: Evidence): Promotions {
  const reasons: Record<Reason, number> = { first: 0, due: 0, message: 0, 'current-refused': 0, import: 0 };
  const findings: string[] = [];
  const messages = messagesOf(evidence);
  for (const credential of evidence.credentials) {
    const promoted = new Set<string>();
    for (const { from, to } of currentMoves(evidence.seen, credential)) {
      const version = parseVersionId(to);
      if (version.is === 'intent') continue; // on a new secret the first version is AWSCURRENT, whatever is asked for
      const say = (what: string) => void findings.push(`${credential.id}: ${to} ${what}`);
      if (promoted.has(to)) say('became current twice');
      promoted.add(to);
      if (version.is !== 'value') say('is none of ours');
      else if (version.baseHash !== baseHash(from ?? '')) say(`replaced ${from}, which is not its base`);
      else {
        const reason = reasonOf(evidence, messages, credential, version, from ?? '');
        if (reason === undefined) say(`replaced ${from}, which was not due`);
        else reasons[reason] += 1;
      }
    }
  }
  return { reasons, findings };
}

const currentMoves = ({ moves }: Seen, { secret }: CompanyCredential) =>
  moves.flatMap((move) =>
    move.secret === secret && move.label === 'AWSCURRENT' && move.to !== undefined
      ? [{ from: move.from, to: move.to }]
      : [],
  );

function reasonOf(
  { seen, rotateEveryMs, lines }: Evidence,
  messages: Messages,
  credential: CompanyCredential,
  version: ValueId,
  from: string,
): Reason | undefined {
  const base = parseVersionId(from);
  const call = recordsOf(seen, credential).intents.find(({ value }) => value === version.id)?.call;
  if (call === 'import') return 'import';
  if (base.is === 'intent') return 'first';
  const dueAt = base.is === 'value' ? base.issuedAt + rotateEveryMs * (1 - 0.1 * hashShare(credential.id)) : 0;
  if (call !== 'copy' && version.issuedAt >= dueAt) return 'due';
  if (lines.some(({ alarm, version: refused }) => alarm === 'current-refused' && refused === from))
    return 'current-refused';
  return messages.asked(credential.id, from, version.issuedAt) ? 'message' : undefined;
}

interface Messages {
  /** Was the replacement of this version asked for? One of which no worker lived to log anything answers for one version. */
  asked(credential: string, version: string, before: number): boolean;
}

function messagesOf({ lines, sent }: Evidence): Messages {
  const heard = lines.filter(({ step }) => step === 'request');
  const accepted = new Set(
    heard.flatMap(({ outcome, credential, version }) => (outcome === 'accepted' ? [`${credential} ${version}`] : [])),
  );
  const logged = new Set(heard.map(({ requestedBy }) => requestedBy));
  const unheard = sent.filter(({ requestedBy, what }) => what !== 'revoke' && !logged.has(requestedBy));
  return {
    asked(credential, version, before) {
      if (accepted.has(`${credential} ${version}`)) return true;
      const n = unheard.findIndex((one) => one.credential === credential && one.at <= before);
      return n >= 0 && unheard.splice(n, 1).length === 1;
    },
  };
}
