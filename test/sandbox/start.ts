import { type Control, makeControl } from './control';
import { startFinicity } from './finicity/server';
import { startFinout } from './finout/server';
import { startFlinksDataSharing } from './flinks-data-sharing/server';
import { startFlinksOutbound } from './flinks-outbound/server';
import type { Listening } from './http/listen';
import type { OnWire } from './http/wire';
import { startInspection } from './inspection/server';
import {
  type SecretsManagerServer,
  type ServerStart as SecretsManagerStart,
  startSecretsManager,
} from './secrets-manager/server';
import { makeVendors } from './vendors';
import { makeWorld } from './world';

/** Base URLs, without a slash at the end. */
export interface SandboxUrls {
  /** Its own door for tests is below `/_sandbox/`. */
  readonly secretsManager: string;
  readonly flinksOutbound: string;
  readonly flinksDataSharing: string;
  readonly finicity: string;
  readonly finout: string;
  readonly inspection: string;
}

export interface SandboxOptions {
  /** Ports by name; a free one by default. */
  readonly ports?: { readonly [Name in keyof SandboxUrls]?: number };
  /** Secrets Manager's quotas, clock and lags; none by default. */
  readonly secretsManager?: Omit<SecretsManagerStart, 'port' | 'onWire'>;
  readonly onWire?: OnWire;
}

export interface Sandbox {
  readonly urls: SandboxUrls;
  /** The vendors', in this process. */
  readonly control: Control;
  /** Secrets Manager's store, faults, options and calls, in this process. */
  readonly secretsManager: SecretsManagerServer;
  /** Stops every server, drops every connection and timer. Safe to call again. */
  stop(): Promise<void>;
}

/** Starts Secrets Manager, the stand-ins of all vendors and the inspection door, each on a port of its own on 127.0.0.1. */
export async function startSandbox({
  ports = {},
  onWire = () => undefined,
  ...options
}: SandboxOptions = {}): Promise<Sandbox> {
  const world = makeWorld(onWire);
  const vendors = makeVendors(world);
  const control = makeControl(world, vendors);
  const running: Listening[] = [];
  const started = async (starting: Promise<Listening>): Promise<string> => {
    const server = await starting;
    running.push(server);
    return server.baseUrl;
  };
  const stop = async (): Promise<void> => {
    world.later.cancelAll();
    await Promise.all(running.splice(0).map((server) => server.stop()));
  };

  try {
    const secretsManager = await startSecretsManager({
      ...options.secretsManager,
      onWire,
      port: ports.secretsManager ?? 0,
    });
    running.push({ baseUrl: secretsManager.url, stop: secretsManager.close });
    const urls = {
      secretsManager: secretsManager.url,
      flinksOutbound: await started(startFlinksOutbound(vendors.flinksOutbound, ports.flinksOutbound)),
      flinksDataSharing: await started(startFlinksDataSharing(vendors.flinksDataSharing, ports.flinksDataSharing)),
      finicity: await started(startFinicity(vendors.finicity, ports.finicity)),
      finout: await started(startFinout(vendors.finout, ports.finout)),
      inspection: await started(startInspection(control, ports.inspection)),
    };
    return { urls, control, secretsManager, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
