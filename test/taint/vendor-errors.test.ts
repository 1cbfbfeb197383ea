import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProviderUnavailableError, RotationError } from '../../src/errors';
import { makeVendorHttp } from '../../src/providers/http';
import { Sensitive } from '../../src/sensitive';
import { grantFields, toStored } from '../../src/stored-value';
import type { Account, Credential } from '../../src/types';
import { type Sandbox, startSandbox } from '../sandbox/start';
import type { Operation } from '../sandbox/vendor-facts/operations';
import { counted, type Everything, type Place, searchEverything, secretsOf } from '../support/leaks';
import {
  accessKeyBench,
  authSecretBench,
  type Bench,
  inDays,
  issued,
  noHaste,
  outboundBench,
  partnerSecretBench,
  tokenBench,
} from '../support/providers/bench';
import type { FaultPart } from '../support/providers/fault-part';
import { odd } from './planted';

jest.setTimeout(120_000);

// What comes out of the providers when a vendor answers badly, whatever anybody makes of it (support/leaks/errors.ts).

type AnyBench = Bench<Credential, Account>;
type Thrown = NonNullable<Everything['thrown']>[number];

/** A call of a provider with everything ready for it. What it gives back, but for a secret, is looked at like an error. */
interface Ready {
  readonly b: AnyBench;
  readonly act: () => Promise<unknown>;
  readonly issues?: true;
}

const NEXT = `Synth1!${randomBytes(12).toString('hex')}`;
const PARTNER = odd('partner');

const grantOf = async (b: AnyBench) => {
  const { grant = '', ...rest } = grantFields(b.credential, toStored(b.credential, await issued(b)));
  return { grant, ...rest };
};
const issuing = (b: AnyBench): Ready => ({
  b,
  act: async () => (await b.provider.prepare(b.credential, inDays(30))).issue(noHaste),
  issues: true,
});
const revoking = async (b: AnyBench): Promise<Ready> => {
  const old = await grantOf(b);
  return { b, act: () => b.provider.revoke(b.credential, old, { current: undefined, repeated: false }) };
};

function chosenVerbs({ provider }: AnyBench) {
  if (provider.chosen === undefined) throw new Error('no verbs');
  return provider.chosen;
}

const VERBS: Readonly<Record<string, readonly [Operation, (sandbox: Sandbox) => Ready | Promise<Ready>]>> = {
  'an Outbound secret is issued': ['flinks-outbound.regenerate', (sandbox) => issuing(outboundBench(sandbox))],
  'an Outbound recipient is looked up': [
    'flinks-outbound.recipients.get',
    (sandbox) => issuing(outboundBench(sandbox)),
  ],
  'a token is asked for': ['flinks-outbound.token', (sandbox) => issuing(outboundBench(sandbox))],
  'an Outbound secret is verified': [
    'flinks-outbound.token',
    async (sandbox) => {
      const b = outboundBench(sandbox);
      const value = await grantOf(b);
      return { b, act: () => b.provider.verify(b.credential, value) };
    },
  ],
  'an AuthSecret is issued': ['flinks-data-sharing.generate', (sandbox) => issuing(authSecretBench(sandbox))],
  'an AuthSecret is revoked': ['flinks-data-sharing.disable', (sandbox) => revoking(authSecretBench(sandbox))],
  'an AuthSecret is enabled again': [
    'flinks-data-sharing.enable',
    async (sandbox) => {
      const b = authSecretBench(sandbox);
      const { grant } = await grantOf(b);
      return { b, act: () => b.provider.reinstate(b.credential, grant) };
    },
  ],
  'an access key is issued': ['finicity.access-key.generate', (sandbox) => issuing(accessKeyBench(sandbox))],
  'an access key is revoked': ['finicity.access-key.revoke', (sandbox) => revoking(accessKeyBench(sandbox))],
  'an access key is extended': [
    'finicity.access-key.update',
    async (sandbox) => {
      const b = accessKeyBench(sandbox);
      const { grant } = await grantOf(b);
      const { prepareRenewal } = b.provider;
      if (prepareRenewal === undefined) throw new Error('no renewal');
      return {
        b,
        act: async () => (await prepareRenewal(b.credential, grant, inDays(60))).issue(noHaste),
        issues: true,
      };
    },
  ],
  'the worker logs in': ['finicity.authenticate', (sandbox) => issuing(accessKeyBench(sandbox))],
  'the partner secret is changed': [
    'finicity.modify-partner-secret',
    (sandbox) => {
      const b = partnerSecretBench(sandbox);
      const change = { from: new Sensitive(b.secrets[1] ?? ''), to: new Sensitive(NEXT), immediate: false };
      return { b, act: async () => (await chosenVerbs(b).prepareChange(b.credential)).send(change) };
    },
  ],
  'a partner secret is tried': [
    'finicity.authenticate',
    (sandbox) => {
      const b = partnerSecretBench(sandbox);
      return { b, act: () => chosenVerbs(b).login(b.credential, new Sensitive(PARTNER), async () => true) };
    },
  ],
  'a Finout token is verified': [
    'finout.view',
    (sandbox) => {
      const b = tokenBench(sandbox);
      const { clientId, secretKey } = sandbox.control.adminPortal.generate({ name: 'x' });
      const value = grantFields(b.credential, toStored(b.credential, { clientId, secretKey }));
      return { b, act: () => b.provider.verify(b.credential, value) };
    },
  ],
};

/** Yes, no, whoever you are, and a failure: there the body may have another form as well. */
const STATUSES_OF_EVERY_BODY = [200, 400, 401, 500];
const STATUSES = [200, 201, 202, 302, 400, 401, 403, 404, 408, 409, 418, 422, 423, 429, 500, 503];

/** Every way to answer badly; where there is a body, it quotes everything that there is to be quoted, in every field. */
function badAnswers(everything: string): readonly FaultPart[] {
  const words = ['error', 'error_description', 'code', 'FlinksCode', 'message', 'Message', 'ReasonCode', 'title'];
  const inEveryField = JSON.stringify(Object.fromEntries(words.map((word) => [word, everything])));
  const others = [
    JSON.stringify({ errors: [{ ReasonCode: everything, Description: everything }] }),
    `<html>${everything}</html>`,
  ];
  const answer = (status: number, body: string): FaultPart => ({ kind: 'answer', status, body, effect: 'done' });
  return [
    ...STATUSES.map((status) => answer(status, inEveryField)),
    ...STATUSES_OF_EVERY_BODY.flatMap((status) => others.map((body) => answer(status, body))),
    ...[{ kind: 'reset' } as const, { kind: 'truncated-body' } as const, { kind: 'malformed-json' } as const],
    { kind: 'redirect', location: `http://127.0.0.1:9/?${encodeURIComponent(everything)}` },
    { kind: 'throttled-429', retryAfter: encodeURIComponent(everything) },
  ];
}

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const secretsOfAll = ({ secrets }: AnyBench): string[] => [
  ...new Set([...secrets, NEXT, PARTNER, ...sandbox.control.secretValues()]),
  ...sandbox.control.grants().flatMap(({ grantId }) => grantId ?? []),
];

async function provoked(verb: string, fault: FaultPart | undefined): Promise<readonly Thrown[]> {
  const [route = 'finout.view', ready] = VERBS[verb] ?? [];
  if (ready === undefined) throw new Error(`no verb ${verb}`);
  const { b, act, issues } = await ready(sandbox);
  if (fault !== undefined) sandbox.control.replaceFaults([{ ...fault, route, count: 10 }]);
  const where = `${verb}: ${fault?.kind} ${fault?.kind === 'answer' ? fault.status : ''}`;
  const thrown = await act().then(
    (result) => (issues ? [] : [{ where, error: result }]),
    (error: unknown) => [{ where, error }],
  );
  b.close();
  sandbox.control.clearFaults();
  return [...thrown, { where: `${where}, alarms`, error: b.deps.alarms }];
}

test.each(Object.keys(VERBS))('%s, and whatever the vendor answers shows no secret', async (verb) => {
  const { b } = (await VERBS[verb]?.[1](sandbox)) ?? {};
  if (b === undefined) throw new Error('unreachable: the table has this verb');
  b.close();
  const everything = secretsOfAll(b).join(' ');
  const thrown: Thrown[] = [];
  for (const fault of badAnswers(everything)) thrown.push(...(await provoked(verb, fault)));
  const ours = thrown.filter(({ error }) => error instanceof RotationError);
  expect(thrown.filter(({ error }) => error instanceof Error)).toHaveLength(ours.length);
  expect([ours.length > 0, thrown.length > 25]).toEqual([true, true]);
  expect(counted(await searchEverything(secretsOf('a secret', secretsOfAll(b)), { thrown }))).toEqual([]);
  sandbox.control.reset();
});

test('a proxy that refuses does not have its password told', async () => {
  const secret = { what: 'the password of the proxy', value: odd('proxy') };
  const heard: Place[] = [];
  const proxy = createServer().on('connect', ({ headers }: IncomingMessage, socket: Duplex) => {
    const text = headers['proxy-authorization'] ?? '';
    heard.push({ where: 'the proxy', text });
    socket.end(`HTTP/1.1 407 Proxy Authentication Required\r\nwww-authenticate: ${text}\r\n\r\n${text}`);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  const thrown: Thrown[] = [];
  for (const [where, at] of [['refused', port] as const, ['away', 1] as const]) {
    const http = makeVendorHttp({
      ...{ account: 'x', baseUrl: 'https://vendor.example', timeoutMs: 2_000, now: Date.now },
      proxyUrl: `http://user:${encodeURIComponent(secret.value)}@127.0.0.1:${at}`,
    });
    const request = { route: 'test read', method: 'GET', path: ['x'], changesState: false } as const;
    thrown.push(
      await http.send(request).then(
        (error) => ({ where, error }),
        (error: unknown) => ({ where, error }),
      ),
    );
    http.close();
  }
  proxy.close();
  expect(thrown.map(({ error }) => error instanceof ProviderUnavailableError)).toEqual([true, true]);
  expect(counted(await searchEverything([secret], { thrown }))).toEqual([]);
  expect((await searchEverything([secret], { texts: heard })).leaks).toEqual([expect.stringMatching(/in base64$/)]);
});
