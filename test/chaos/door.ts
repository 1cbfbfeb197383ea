import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port';
import { until } from '../support/until';
import { type Latch, makeLatch } from './latch';

/** The way to one stand-in, over TCP: it can be shut in all the ways in which a network or a host fails. */
export interface Door {
  /** Where the workers go. */
  readonly url: string;
  /** Where it leads; what arrives before waits. */
  leadTo(url: string): void;
  /** Refuses connections, and drops those that there are. */
  refuse(): Promise<void>;
  /** Takes connections, and lets nothing through. What was sent is delivered when it is opened, though its sender has gone. */
  hang(): void;
  /** The same, only of the connections that there are now: new ones go through. */
  stall(): void;
  /** Drops the connections that there are. */
  reset(): void;
  /** Everything takes so long in each direction. */
  slow(ms: number): void;
  /** All is well again. */
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly vendor: Socket;
  readonly latch: Latch;
}

const LISTEN_WITHIN_MS = 20_000;

/** @param usualMs how long it takes in each direction while all is well */
export async function makeDoor(usualMs: number): Promise<Door> {
  const port = await freePort();
  const latch = makeLatch();
  const links = new Set<Link>();
  const led = makeLatch();
  let target = { host: '127.0.0.1', port: 0 };
  let latencyMs = usualMs;
  let server: Server | undefined;

  const passed = async (link: Link): Promise<void> => {
    if (latencyMs > 0) await sleep(latencyMs);
    await latch.passed();
    await link.latch.passed();
  };
  const take = async (client: Socket): Promise<void> => {
    client.on('error', () => undefined);
    await led.passed();
    const vendor = createConnection(target).on('error', () => client.resetAndDestroy());
    const link = { client, vendor, latch: makeLatch() };
    links.add(link);
    await Promise.all([carry(client, vendor, () => passed(link)), carry(vendor, client, () => passed(link))]);
    links.delete(link);
  };
  const listen = async (): Promise<void> => {
    if (server !== undefined) return;
    // Somebody else may have taken the port meanwhile, for a moment.
    await until(
      async () => {
        const next = createServer((client) => void take(client));
        next.listen(port, '127.0.0.1');
        await once(next, 'listening');
        server = next;
        return true;
      },
      { withinMs: LISTEN_WITHIN_MS, what: () => `port ${port} of a door is free again` },
    );
  };
  const drop = (): void => {
    for (const { client, vendor } of links) for (const socket of [client, vendor]) cut(socket);
  };
  const refuse = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, 'close');
    closing.close();
    drop();
    await closed;
  };

  led.shut();
  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo(url) {
      target = { host: '127.0.0.1', port: Number(new URL(url).port) };
      led.open();
    },
    refuse,
    hang: latch.shut,
    stall() {
      for (const link of links) link.latch.shut();
    },
    reset: drop,
    slow(ms) {
      latencyMs = ms;
    },
    async open() {
      latencyMs = usualMs;
      latch.open();
      for (const link of links) link.latch.open();
      await listen();
    },
    async close() {
      led.open();
      latch.open();
      for (const link of links) link.latch.open();
      await refuse();
    },
  };
}

/** One that is ending is not reset: Node would never let go of it (measured). */
function cut(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** To the end, in order; what was read of a sender that has gone is delivered all the same. */
async function carry(from: Socket, to: Socket, passed: () => Promise<void>): Promise<void> {
  try {
    for await (const chunk of from) {
      await passed();
      to.write(chunk);
    }
    await passed();
  } catch {
    // dropped: whoever it led to hears of its end
  }
  to.end();
}
