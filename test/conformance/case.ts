import type { Subject } from './subject';

/**
 * Where an expectation comes from; never from an emulator's behaviour.
 * doc: AWS API reference, the service model, the quotas page. rec: responses recorded from AWS (localstack, tests marked `aws.validated`).
 * rep: a message of AWS reported by a third party (terraform-provider-aws). sdk: measured on the SDK itself. -: of our own making.
 */
export type Basis = 'doc' | 'rec' | 'rep' | 'sdk' | '-';

export interface Case {
  readonly id: string;
  readonly basis: Basis;
  readonly text: string;
  /** Reports what is undocumented; nothing is expected of it. */
  readonly informs: boolean;
  /** Throws where the expectation is not met. A string that it gives is a note for the reader. */
  readonly run: Run;
}

type Run = (subject: Subject) => Promise<unknown>;

export const check = (id: string, basis: Basis, text: string, run: Run): Case => ({
  id,
  basis,
  text,
  informs: false,
  run,
});
export const inform = (id: string, text: string, run: Run): Case => ({ id, basis: '-', text, informs: true, run });

/** A case that judges the endpoint: not one that informs, and not one about the SDK against a stub of its own. */
export const judgesEndpoint = ({ id, informs }: Case) => !informs && !id.startsWith('sdk.');
