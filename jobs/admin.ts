import { readinessOf } from '../src/admin/readiness';
import { startAdminServer } from '../src/admin/server';
import type { Collaborators } from '../src/collaborators';
import type { Config } from '../src/config';
import type { Connections } from '../src/queue/connection';
import type { Schedulers } from '../src/queue/schedulers';
import type { Log } from '../src/types';

interface Parts {
  readonly connections: Connections;
  readonly collaborators: Collaborators;
  readonly schedulers: Schedulers;
  readonly log: Log;
}

interface Admin {
  /** From now on the worker is not ready. */
  stopping(): void;
  close(): Promise<void>;
}

/** What the worker says of itself, where its configuration wants it. @throws ConfigError where it cannot listen */
export async function startAdmin({ admin }: Config, parts: Parts): Promise<Admin> {
  const { connections, collaborators, schedulers, log } = parts;
  let stopping = false;
  const readiness = readinessOf({
    stopping: () => stopping,
    redis: connections.ping,
    store: collaborators.probe,
    unscheduled: schedulers.unscheduled,
  });
  const metrics = async () => ({ contentType: 'text/plain', text: '' });
  const server = admin === undefined ? undefined : await startAdminServer(admin, { readiness, metrics }, log);
  return {
    stopping() {
      stopping = true;
    },
    close: async () => server?.close(),
  };
}
