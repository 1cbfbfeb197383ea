import { z } from 'zod';
import { type FinoutState, generateToken, type ShownToken } from './state';

/** Tokens that a person has made in the Admin Portal beforehand. */
export const finoutSeed = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().default('synthetic token'),
        expiresInMs: z.int().optional(),
        permitted: z.boolean().optional(),
      }),
    )
    .default([]),
});

/** As the portal showed them. */
export interface SeededFinout {
  readonly tokens: readonly ShownToken[];
}

export const seedFinout = (state: FinoutState, { tokens }: z.output<typeof finoutSeed>): SeededFinout => ({
  tokens: tokens.map((form) => generateToken(state, form)),
});
