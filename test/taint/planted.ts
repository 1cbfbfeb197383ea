import { randomBytes } from 'node:crypto';
import type { Secret } from '../support/leaks';

const random = (): string => randomBytes(12).toString('hex');

/** Found nowhere else, with the characters that JSON, a URL, a form or a shell writes in another way. */
export const odd = (name: string): string => `SYNTH-${name}-"'\\/+=%&~${random()}`;

/** Everything that an operator gives the worker. */
export const OWN = {
  'the Outbound client secret': odd('outbound secret'),
  'the Flinks API secret': odd('api-secret'),
  'the Flinks auth key': odd('auth-key'),
  'the Finicity app key': odd('app-key'),
  'the Finicity partner secret': `Synth1!@#$%&*_-+${random()}`,
  'the AWS secret access key': odd('aws'),
  'the AWS session token': odd('aws-session'),
  'the password of Redis': odd('re dis'),
  'the admin token': `SYNTH.~+/-${random()}==`,
} as const;

/** What a vendor gives out once, in place of the plain words of the stand-ins. */
export const ODD_ANSWER = odd('issued');

/** What somebody writes where it does not belong. */
export const MISPLACED = odd('mis placed');

export const ownSecrets: readonly Secret[] = Object.entries(OWN).map(([what, value]) => ({ what, value }));

/** `{ env: NAME }` in the manifest, and what the SDK and src/config.ts read. */
const GIVEN_BY_ENVIRONMENT = [
  ...['OUTBOUND_CLIENT_SECRET', 'FINICITY_APP_KEY'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'REDIS_URL', 'ADMIN_TOKEN'],
];

/** The variables that hold one of them because an operator put it there; any other, or another value, is a leak. */
export const byDesign = (env: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(GIVEN_BY_ENVIRONMENT.map((name) => [name, env[name]]));
