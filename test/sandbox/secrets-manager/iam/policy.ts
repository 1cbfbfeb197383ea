import { z } from 'zod';
import { conditionHolds, conditionSchema, type RequestKeys } from './conditions';
import { matches } from './wildcards';

const texts = z.union([z.string(), z.array(z.string()).min(1)]).transform((one) => [one].flat());

/**
 * An identity-based policy, as far as IAM's language is understood here. Whatever is not understood is refused, so that nothing of a
 * document is silently left out: no NotAction, NotResource, policy variables or other operators.
 */
export const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z
        .string()
        .regex(/^[A-Za-z0-9]*$/)
        .optional(),
      Effect: z.enum(['Allow', 'Deny']),
      Action: texts,
      Resource: texts,
      Condition: conditionSchema.optional(),
    }),
  ),
});
export type Policy = z.output<typeof policySchema>;
type Statement = Policy['Statement'][number];

/** One question to the policy: may this be done to that, by a request that says this of the condition keys? */
export interface Permission {
  /** Like `secretsmanager:GetSecretValue`. */
  readonly action: string;
  /** An ARN, or `*` where the action has no resource. */
  readonly resource: string;
  readonly keys: RequestKeys;
}

/** A Deny wins; else one Allow is needed (IAM user guide, policy evaluation logic). */
export function allows({ Statement: statements }: Policy, permission: Permission): boolean {
  const applying = statements.filter((statement) => applies(statement, permission));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

/** Actions are not case-sensitive, resources are. */
function applies({ Action, Resource, Condition }: Statement, { action, resource, keys }: Permission): boolean {
  return (
    Action.some((pattern) => matches(pattern, action, 'i')) &&
    Resource.some((pattern) => matches(pattern, resource)) &&
    (Condition === undefined || conditionHolds(Condition, keys))
  );
}
