import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type CompanyCredential, OWN_FINICITY } from '../support/company';
import { holdingsOf } from '../support/holdings';
import { type OwnProcess, startNode } from '../support/processes';
import { environmentOf, ROTATOR } from '../support/rotator';
import type { Scene } from '../support/scene';
import type { OwnSandbox } from './own-sandbox';
import { asked } from './seen';

/** Whoever works with `rotator`, and in the portals of the vendors. */
export interface Person {
  /** Makes a token in Finout's portal and imports it; may be interrupted in it. */
  imports(token: CompanyCredential, killAfterMs?: number): Promise<void>;
  /** `rotator status --json`: every credential in its one named state. */
  status(): Promise<readonly Row[]>;
  /**
   * Does what the README asks of a person: tells the worker which suspects have left no grant (the vendor says how many of
   * them live), and clears the blocks.
   */
  resolves(credential: CompanyCredential): Promise<void>;
  /**
   * On call for the logins to Finicity: one that was interrupted counts as refused, and nobody logs in until a person has
   * looked. The vendor says that the account is not locked, so it is cleared. Goes on until it is stopped.
   */
  watchesLogins(): { stop(): Promise<void>; cleared(): number };
  /** Deletes in the portal what was made there and never stored. */
  deletesUnstored(): Promise<void>;
  /** Every command that was run, with its output. */
  readonly commands: readonly OwnProcess[];
}

const rowSchema = z.looseObject({ id: z.string(), state: z.string(), reason: z.string() });
export type Row = z.infer<typeof rowSchema>;
const statusSchema = z.object({ credentials: z.array(rowSchema) });

const NINETY_DAYS_MS = 90 * 24 * 3_600_000;

interface Shown {
  readonly clientId: string;
  readonly secretKey: string;
}

export function makePerson(sandbox: OwnSandbox, redis: Scene['redis']): Person {
  const { company, urls } = sandbox;
  const commands: OwnProcess[] = [];
  const rotator = (args: string[], input?: string): OwnProcess => {
    const env = environmentOf({ company, redis });
    const command = startNode(ROTATOR, { args, env, ...(input === undefined ? {} : { input }) });
    commands.push(command);
    return command;
  };
  const portal = `${urls.inspection}/admin-portal/tokens`;
  return {
    commands,
    async imports({ id, subject }, killAfterMs) {
      const shown = await asked<Shown>('POST', portal, { name: subject, expiresInMs: NINETY_DAYS_MS });
      const pair = { clientId: shown.clientId, secretKey: shown.secretKey };
      const expires = new Date(Date.now() + NINETY_DAYS_MS).toISOString().slice(0, 10);
      const command = rotator(['import', id, '--expires', expires], JSON.stringify(pair));
      if (killAfterMs !== undefined) await Promise.race([command.exited, sleep(killAfterMs)]);
      await (killAfterMs === undefined ? command.exited : command.kill('SIGKILL'));
    },
    async status() {
      const command = rotator(['status', '--json']);
      await command.exited;
      return statusSchema.parse(JSON.parse(command.stdout())).credentials;
    },
    async resolves({ id, kind, secret, subject }) {
      const seen = await sandbox.seen();
      const { tags, value } = holdingsOf(seen, secret);
      const labelled = Object.values(holdingsOf(seen, secret)).filter((one) => typeof one === 'string');
      const known = JSON.stringify(labelled.map(value));
      const strays = seen.control.grants({ kind, subject, alive: true }).filter((one) => !known.includes(one.secret));
      const suspects = Object.keys(tags).flatMap((key) => key.match(/^rotation:suspected-orphan:(.*)$/)?.[1] ?? []);
      for (const suspect of suspects.slice(strays.length))
        await rotator(['resolve', id, '--suspect', suspect, '--yes']).exited;
      if (tags['rotation:blocked'] !== undefined) await rotator(['resolve', id, '--block', '--yes']).exited;
    },
    watchesLogins() {
      let stopped = false;
      let cleared = 0;
      const watch = async (): Promise<void> => {
        while (!stopped) {
          await sleep(LOOK_EVERY_MS);
          if (!(await loginStuck(sandbox).catch(() => false))) continue;
          cleared += 1;
          await rotator(['resolve', '--account', 'mastercard', '--block', '--yes']).exited;
        }
      };
      const watching = watch();
      return {
        cleared: () => cleared,
        async stop() {
          stopped = true;
          await watching;
        },
      };
    },
    async deletesUnstored() {
      const seen = await sandbox.seen();
      const stored = JSON.stringify(
        seen.secretsManager.store.secrets().map(({ versions }) => [...versions.values()].map(({ value }) => value)),
      );
      for (const { grantId } of seen.control.grants({ kind: 'finout-api-token', alive: true }))
        if (grantId !== null && !stored.includes(grantId)) await asked('DELETE', `${portal}?clientId=${grantId}`);
    },
  };
}

const LOOK_EVERY_MS = 1_500;
/** Longer than a login takes. */
const LOGIN_MS = 4_000;

async function loginStuck(sandbox: OwnSandbox): Promise<boolean> {
  const { tags } = holdingsOf(await sandbox.seen(), OWN_FINICITY);
  const open = Date.parse(tags['rotation:login-open'] ?? '');
  return tags['rotation:blocked'] !== undefined || Date.now() - open > LOGIN_MS;
}
