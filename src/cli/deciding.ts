import { UsageError } from '../errors';
import { FAILED, OK } from './exit-codes';
import { paint, print, printJson } from './output';
import { type Choice, chosen, type Resolution } from './resolutions';
import { confirmed, isTerminal } from './terminal';
import { refuseDryRun, type Workplace } from './workplace';

export interface ResolveOptions extends Choice {
  readonly yes?: true;
  readonly json?: true;
}

interface Subject {
  readonly name: string;
  readonly all: readonly Resolution[];
  /** What only something else mends. */
  readonly beyond: string | undefined;
}

/** Shows what there is, or does what was chosen of it, once it is confirmed. */
export async function decided(
  place: Workplace,
  subject: Subject,
  options: ResolveOptions,
  carryOut: (wanted: readonly Resolution[]) => Promise<void>,
): Promise<number> {
  const { block, suspect, unrevoked, json } = options;
  if (block === undefined && suspect === undefined && unrevoked === undefined) return list(subject, json === true);
  const wanted = chosen(subject.all, options);
  refuseDryRun(place);
  if (!(await mayGoOn(subject.name, wanted, options))) {
    print('Nothing was changed.');
    return FAILED;
  }
  await carryOut(wanted);
  if (json) printJson({ subject: subject.name, resolved: wanted.map(shown) });
  else print(`${subject.name}: ${paint('green', 'resolved')}. The worker goes on at its next sweep.`);
  return OK;
}

const shown = ({ option, what, means }: Resolution) => ({ option, what, means });

function list({ name, all, beyond }: Subject, json: boolean): number {
  if (json) {
    printJson({ subject: name, resolvable: all.map(shown), otherwise: beyond ?? null });
    return OK;
  }
  if (beyond !== undefined) print(`${name}: ${beyond}`);
  if (all.length === 0 && beyond === undefined) print(`${name}: nothing waits for a person here.`);
  for (const { option, what, means } of all) print(`${name}: ${what}\n  ${option}\n    says: ${means}`);
  return OK;
}

async function mayGoOn(name: string, wanted: readonly Resolution[], { yes, json }: ResolveOptions): Promise<boolean> {
  if (!json) for (const { what, means } of wanted) print(`${name}: ${what}\n  you say: ${means}`);
  if (yes) return true;
  if (isTerminal()) return confirmed('Is that so?');
  throw new UsageError('There is no terminal to ask on: add --yes. Nothing was changed.');
}
