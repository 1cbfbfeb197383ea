import type { Environment } from '../flinks-data-sharing/state';
import type { Sandbox } from '../start';
import { call, field, type Reply } from './call';

/** An environment and what its owner can ask of Flinks data sharing. */
export interface DataSharingBench {
  readonly environment: Environment;
  /** Any path below `…/partnerdata/authsecret/`, with the Bearer API secret unless other headers are given. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  generate(partner?: string): Promise<Reply>;
  enable(permissionId: string): Promise<Reply>;
  disable(permissionId: string): Promise<Reply>;
  /** Generates and gives the two values. */
  issue(partner?: string): Promise<{ readonly permissionId: string; readonly authSecret: string }>;
  isAlive(authSecret: string): boolean;
}

export function dataSharingBench({ control, urls }: Sandbox): DataSharingBench {
  const [environment] = control.seed({ flinksDataSharing: { environments: [{}] } }).flinksDataSharing.environments;
  if (environment === undefined) throw new Error('nothing was seeded');
  const base = `${urls.flinksDataSharing}/v3/${environment.customerId}/partnerdata/authsecret`;
  const owner = { authorization: `Bearer ${environment.apiSecret}` };

  const bench: DataSharingBench = {
    environment,
    ask: (path, headers = owner) => call(`${base}/${path}`, { headers }),
    generate: (partner = 'acme') => bench.ask(partner),
    enable: (permissionId) => bench.ask(`enable/${permissionId}`),
    disable: (permissionId) => bench.ask(`disable/${permissionId}`),
    issue: async (partner) => {
      const reply = await bench.generate(partner);
      return { permissionId: field(reply, 'PermissionId'), authSecret: field(reply, 'AuthSecret') };
    },
    isAlive: (authSecret) => control.works('flinks-auth-secret', { secret: authSecret }),
  };
  return bench;
}
