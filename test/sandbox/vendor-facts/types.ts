import { z } from 'zod';

/**
 * What a vendor documents about one operation, in our own form.
 *
 * `source` names the page: S0-S4 are the pages that providers.md lists, F-… and MC-… are its other short names.
 * Objects list exactly the documented fields in the documented casing. No vendor marks its response fields as
 * required (except Finicity's `token` and `code`); the stand-ins always send all of them, as the pages' examples do.
 */
export interface OperationFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly source: string;
  readonly pathParameters: Readonly<Record<string, z.ZodType<string>>>;
  readonly headers: Readonly<Record<string, HeaderFact>>;
  /** The documented body, or null where none is documented. */
  readonly body: z.ZodType | null;
  /** Credentials that may travel in HTTP Basic instead of the body. */
  readonly basicInsteadOf?: readonly string[];
  readonly answers: Readonly<Record<number, readonly AnswerFact[]>>;
}

/** A request header beyond those of plain HTTP. */
export interface HeaderFact {
  readonly required: boolean;
  readonly form: RegExp;
  readonly source: string;
}

/** One documented answer of a status code. */
export interface AnswerFact {
  readonly contentType: 'application/json' | 'text/plain' | null;
  readonly body: z.ZodType | null;
  readonly source: string;
}

export const id = z.string().min(1);

export const jsonAnswer = (body: z.ZodType, source: string): AnswerFact => ({
  contentType: 'application/json',
  body,
  source,
});

export const emptyAnswer = (source: string): AnswerFact => ({ contentType: null, body: null, source });
