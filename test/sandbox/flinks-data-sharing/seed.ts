import { z } from 'zod';
import { markedUuid, unique } from '../ids';
import { addAuthSecret, type Environment, type FlinksDataSharingState } from './state';

/** What to put into Flinks data sharing beforehand. Everything left out is made up. */
export const flinksDataSharingSeed = z.strictObject({
  environments: z
    .array(
      z.strictObject({
        customerId: z.string().optional(),
        apiSecret: z.string().optional(),
        authKey: z.string().optional(),
      }),
    )
    .default([]),
  authSecrets: z
    .array(
      z.strictObject({
        partner: z.string(),
        /** By default the first environment of this seed, else the first there is, else one is made. */
        customerId: z.string().optional(),
        permissionId: z.string().optional(),
        authSecret: z.string().optional(),
        disabled: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** What was planted; an environment that had to be made for a secret is among the environments. */
export interface SeededFlinksDataSharing {
  readonly environments: readonly Environment[];
  readonly authSecrets: readonly {
    readonly customerId: string;
    readonly partner: string;
    readonly permissionId: string;
    readonly authSecret: string;
  }[];
}

export function seedFlinksDataSharing(
  state: FlinksDataSharingState,
  seed: z.output<typeof flinksDataSharingSeed>,
): SeededFlinksDataSharing {
  const before = new Set(state.environments.keys());
  const [own] = seed.environments.map((given) =>
    addEnvironment(state, given.customerId, given.apiSecret, given.authKey),
  );
  const authSecrets = seed.authSecrets.map(({ disabled, ...given }) => {
    const customerId = given.customerId ?? (own ?? firstEnvironment(state)).customerId;
    const grant = addAuthSecret(state, { ...given, customerId });
    if (disabled) grant.disabled = { at: grant.issuedAt, why: 'seeded as disabled' };
    return { customerId, partner: grant.subject, permissionId: grant.grantId ?? '', authSecret: grant.secret };
  });
  const environments = [...state.environments.values()].filter(({ customerId }) => !before.has(customerId));
  return { environments, authSecrets };
}

function firstEnvironment(state: FlinksDataSharingState): Environment {
  const [environment] = state.environments.values();
  return environment ?? addEnvironment(state);
}

function addEnvironment(
  state: FlinksDataSharingState,
  customerId = markedUuid('c057'),
  apiSecret = unique('ds-api-secret-'),
  authKey = unique('ds-auth-key-'),
): Environment {
  const environment: Environment = { customerId, apiSecret, authKey };
  state.environments.set(customerId, environment);
  // A customerId opens the environment (S0, S1): it is as secret as the others.
  for (const value of [customerId, apiSecret, authKey]) state.world.secretValues.add(value);
  return environment;
}
