import { ProviderUnavailableError, provesNothingDone } from '../errors';
import type { CallLimits, Permit } from '../provider';
import type { Clock } from '../types';
import type { VendorHttp, VendorReply, VendorRequest } from './http';

/** Calls to one base URL of an account; each takes a place in the account's rate and gives it back. */
export interface Calls {
  send(request: VendorRequest): Promise<VendorReply>;
  /** Waits for a place now, for a call that must not wait later. */
  reserve(): Promise<ReservedCall>;
}

interface ReservedCall {
  send(request: VendorRequest): Promise<VendorReply>;
  /** Harmless after `send`. */
  release(): Promise<void>;
}

type LimitedAccount = Parameters<CallLimits['acquire']>[0];

export function makeCalls(account: LimitedAccount, limits: CallLimits, http: VendorHttp): Calls {
  const reserve = async (): Promise<ReservedCall> => {
    const release = releaseOnce(await limits.acquire(account));
    return {
      // Not awaited: an answer that carries a secret must not wait for Redis, nor be lost to its failure.
      send: (request) => http.send(request).finally(() => void release()),
      release,
    };
  };
  return { reserve, send: async (request) => (await reserve()).send(request) };
}

function releaseOnce(permit: Permit): () => Promise<void> {
  let released: Promise<void> | undefined;
  return () => {
    released ??= permit.release().catch(() => undefined); // a place that could not be given back runs out by itself
    return released;
  };
}

/** What an authorised call is sent with: a bearer token, an API secret. */
export interface Access<A> {
  get(): Promise<A>;
  /** Something newer than `used`, where the reply says that `used` was refused (so nothing was done) and there is one. */
  renew(used: A, reply: VendorReply): Promise<A | undefined>;
}

/** A call for which everything is at hand: it waits for nothing. */
export interface PreparedCall {
  /**
   * Sends it, and once more where what it was sent with was refused and `mayCallUntil` (monotonic ms) is not past.
   * @throws the errors of VendorHttp.send; whatever fails between the two calls proves that nothing was done
   */
  send(mayCallUntil: number): Promise<VendorReply>;
  release(): Promise<void>;
}

export async function prepareCall<A>(
  { calls, access, clock }: { readonly calls: Calls; readonly access: Access<A>; readonly clock: Clock },
  request: (a: A) => VendorRequest,
): Promise<PreparedCall> {
  const used = await access.get();
  const place = await calls.reserve();

  const sendIn = (mayCallUntil: number, at: ReservedCall, a: A): Promise<VendorReply> => {
    if (clock.monotonic() <= mayCallUntil) return at.send(request(a));
    void at.release();
    throw windowOver(request(a).route);
  };

  return {
    release: place.release,
    async send(mayCallUntil) {
      const reply = await sendIn(mayCallUntil, place, used);
      const again = await nothingDone(reply.route, async () => {
        const newer = reply.status < 400 ? undefined : await access.renew(used, reply);
        return newer === undefined ? undefined : { newer, place: await calls.reserve() };
      });
      return again === undefined ? reply : sendIn(mayCallUntil, again.place, again.newer);
    },
  };
}

/** The same in one step: reads, and what may be sent at any time, or until `mayCallUntil`. */
export async function sendAuthorised<A>(
  deps: { readonly calls: Calls; readonly access: Access<A>; readonly clock: Clock },
  request: (a: A) => VendorRequest,
  mayCallUntil = Number.POSITIVE_INFINITY,
): Promise<VendorReply> {
  const call = await prepareCall(deps, request);
  return call.send(mayCallUntil);
}

/** Between a refused call and its repetition nothing was done at the vendor, whatever else goes wrong. */
async function nothingDone<T>(route: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (provesNothingDone(error)) throw error;
    const reason = error instanceof Error ? error.name : 'unknown';
    throw new ProviderUnavailableError(`${route}: was refused, and no new access could be had (${reason})`, {
      route,
      reason,
    });
  }
}

function windowOver(route: string): ProviderUnavailableError {
  return new ProviderUnavailableError(`${route}: not sent, the time in which it may be is over`, { route });
}
