import { z } from 'zod';
import { holdingsOf } from '../support/holdings';
import { CAST } from './cast';
import type { Stage } from './stage';

/** What became of the access key that is to be extended. */
export interface Extension {
  readonly credential: string;
  /** The number that the vendor has given to the value of AWSCURRENT. */
  readonly revision: number;
  /** Values that were stored. */
  readonly values: number;
  /** Do all of them hold the same receipt? */
  readonly isSame: boolean;
  /** Does that receipt live? */
  readonly alive: boolean;
}

const keySchema = z.object({ receipt: z.object({ receiptId: z.string(), receiptVersion: z.number() }) });

export function extensionOf({ sandbox, company }: Pick<Stage, 'sandbox' | 'company'>): Extension {
  const secret = company.credentials.find(({ id }) => id === CAST.extended)?.secret ?? '';
  const { answers, current, value } = holdingsOf(sandbox, secret);
  const receipts = answers.map((version) => keySchema.parse(value(version)).receipt.receiptId);
  const { receiptId: grantId, receiptVersion } = keySchema.parse(value(current)).receipt;
  return {
    credential: CAST.extended,
    revision: receiptVersion,
    values: receipts.length,
    isSame: receipts.every((receipt) => receipt === grantId),
    alive: sandbox.control.works('finicity-access-key', { grantId }),
  };
}
