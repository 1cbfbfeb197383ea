import { faultsSchema } from './faults';
import { partialOptions, type Sandbox } from './sandbox';
import type { Secret } from './secret';

/** The test's door to the sandbox for other processes: JSON in and out, on the service's own port. */
export const CONTROL_PREFIX = '/_sandbox/';

type Route = (sandbox: Sandbox, body: unknown) => object;

/** `GET /_sandbox/secrets` shows values: it is for tests to look in. */
const routes: Readonly<Record<string, Route>> = {
  'GET calls': ({ calls }) => ({ calls: calls.all, counts: calls.counts() }),
  'DELETE calls': ({ calls }) => done(() => calls.clear()),
  'GET faults': ({ faults }) => ({ faults: faults.list() }),
  'PUT faults': ({ faults }, body) => {
    const given = faultsSchema.parse(body);
    faults.clear();
    faults.add(...given);
    return { faults: faults.list() };
  },
  'POST faults': ({ faults }, body) => {
    faults.add(...faultsSchema.parse(body));
    return { faults: faults.list() };
  },
  'DELETE faults': ({ faults }) => done(() => faults.clear()),
  'GET options': (sandbox) => sandbox.options(),
  'PUT options': (sandbox, body) => {
    sandbox.setOptions(partialOptions.parse(body));
    return sandbox.options();
  },
  'GET secrets': ({ store }) => ({ secrets: store.secrets().map(laidOpen) }),
  'GET moves': ({ store }) => ({ moves: store.moves() }),
  'DELETE secrets': ({ store }) => done(() => store.clear()),
};

/** The answer, or undefined where there is no such route. A body that cannot be read throws a ZodError. */
export function control(sandbox: Sandbox, method: string, path: string, body: unknown): object | undefined {
  const name = path.slice(CONTROL_PREFIX.length).replace(/\?.*$/, '');
  return routes[`${method} ${name}`]?.(sandbox, body);
}

function done(act: () => void): object {
  act();
  return {};
}

function laidOpen({ versions, labels, tags, ...secret }: Secret) {
  return {
    ...secret,
    tags: Object.fromEntries(tags ?? []),
    versions: [...versions.values()].map(({ id, createdAt, value }) => ({
      id,
      createdAt,
      stages: [...labels].flatMap(([stage, holder]) => (holder === id ? [stage] : [])).sort(),
      ...('SecretString' in value ? value : { SecretBinary: Buffer.from(value.SecretBinary).toString('base64') }),
    })),
  };
}
