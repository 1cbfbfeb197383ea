import { type Control, makeControl, type Vendors } from './control';
import { startFinicity } from './finicity/server';
import { makeFinicityState } from './finicity/state';
import { startFlinksDataSharing } from './flinks-data-sharing/server';
import { makeFlinksDataSharingState } from './flinks-data-sharing/state';
import { startFlinksOutbound } from './flinks-outbound/server';
import { makeFlinksOutboundState } from './flinks-outbound/state';
import type { Listening } from './http/listen';
import { startInspection } from './inspection/server';
import { makeWorld } from './world';

/** Base URLs, without a slash at the end. */
export interface SandboxUrls {
  readonly secretsManager: string | null;
  readonly flinksOutbound: string;
  readonly flinksDataSharing: string;
  readonly finicity: string;
  readonly inspection: string;
}

export interface SandboxOptions {
  /** Ports by name; a free one by default. */
  readonly ports?: { readonly [Name in keyof SandboxUrls]?: number };
}

export interface Sandbox {
  readonly urls: SandboxUrls;
  readonly control: Control;
  /** Stops every server, drops every connection and timer. Safe to call again. */
  stop(): Promise<void>;
}

/** Starts the stand-ins of all vendors and the inspection door, each on a port of its own on 127.0.0.1. */
export async function startSandbox({ ports = {} }: SandboxOptions = {}): Promise<Sandbox> {
  const world = makeWorld();
  const vendors: Vendors = {
    flinksOutbound: makeFlinksOutboundState(world),
    flinksDataSharing: makeFlinksDataSharingState(world),
    finicity: makeFinicityState(world),
  };
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
    const urls = {
      // ---- Secrets Manager's stand-in joins here: test/sandbox/secrets-manager/server.ts ----
      secretsManager: null,
      flinksOutbound: await started(startFlinksOutbound(vendors.flinksOutbound, ports.flinksOutbound)),
      flinksDataSharing: await started(startFlinksDataSharing(vendors.flinksDataSharing, ports.flinksDataSharing)),
      finicity: await started(startFinicity(vendors.finicity, ports.finicity)),
      inspection: await started(startInspection(control, ports.inspection)),
    };
    return { urls, control, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
