import { z } from 'zod';
import { matches } from './wildcards';

/** Condition keys and what a request says of them; several values only where AWS gives several (`aws:TagKeys`). */
export type RequestKeys = Readonly<Record<string, string | readonly string[]>>;

type Wanted = readonly string[];
type Holds = (given: string | readonly string[] | undefined, wanted: Wanted) => boolean;

const some = (given: string | readonly string[] | undefined, wanted: Wanted, test: (a: string, b: string) => boolean) =>
  given !== undefined && [given].flat().some((value) => wanted.some((pattern) => test(value, pattern)));

/** The operators that are understood. A key that the request does not carry fails all but `Null` and `ForAllValues` (IAM user guide). */
const OPERATORS = {
  StringEquals: (given, wanted) => some(given, wanted, (a, b) => a === b),
  StringLike: (given, wanted) => some(given, wanted, (a, b) => matches(b, a)),
  NumericEquals: (given, wanted) => some(given, wanted, (a, b) => Number(a) === Number(b)),
  Bool: (given, wanted) => some(given, wanted, (a, b) => a === b),
  Null: (given, wanted) => wanted.includes(String(given === undefined)),
  'ForAllValues:StringLike': (given = [], wanted) =>
    [given].flat().every((value) => wanted.some((pattern) => matches(pattern, value))),
} satisfies Record<string, Holds>;

const NAMES = ['StringEquals', 'StringLike', 'NumericEquals', 'Bool', 'Null', 'ForAllValues:StringLike'] as const;
const texts = z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat());
export const conditionSchema = z.partialRecord(z.enum(NAMES), z.record(z.string(), texts));

/** Every operator and every key must hold. */
export function conditionHolds(condition: z.output<typeof conditionSchema>, request: RequestKeys): boolean {
  return NAMES.every((operator) =>
    Object.entries(condition[operator] ?? {}).every(([key, wanted]) => OPERATORS[operator](request[key], wanted)),
  );
}
