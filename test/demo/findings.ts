import { audit } from '../support/audit';
import { findLeaks, placesInRedis } from '../support/leaks';
import { extensionOf } from './extension';
import type { Stage } from './stage';
import type { Findings } from './verdict';

/** Looks through the doors beside the wire, at the log and into Redis, when the worker has stopped. */
export async function findOut(stage: Stage): Promise<Findings> {
  const { sandbox, company, worker, redis, prefix, ran } = stage;
  const values = secretsOf(stage);
  const output = worker.output();
  const logLines = output.split('\n').map((text, i) => ({ where: `line ${i + 1} of the worker's output`, text }));
  const commands = ran.map(({ args, output: text }) => ({
    where: `rotator ${args[0]}`,
    text: `${args.join(' ')}\n${text}`,
  }));
  const redisKeys = await placesInRedis(redis, prefix);
  return {
    audit: audit(sandbox, company),
    deviations: sandbox.control
      .deviations()
      .map(({ method, path, deviations }) => `${method} ${path}: ${deviations.join('; ')}`),
    leaks: findLeaks([...logLines, ...redisKeys, ...commands], values),
    searched: { values: values.length, logLines: logLines.length, redisKeys: redisKeys.length, commands: ran.length },
    extension: extensionOf(stage),
    exits: worker.exits,
    counts: countsOf(stage),
  };
}

/** What nobody may read: every secret and token at the vendors, ids of grants, and the company's own. */
function secretsOf({ sandbox: { control }, company }: Stage): readonly string[] {
  const grants = control.grants().flatMap(({ grantId }) => grantId ?? []);
  const tokens = control.tokens().map(({ token }) => token);
  return [...new Set([...control.secretValues(), ...tokens, ...grants, ...company.ownSecrets])];
}

function countsOf({ sandbox, worker, answers, ran, display: { log } }: Stage): Findings['counts'] {
  const { effects, calls } = sandbox.control.counters();
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  log.read(worker.log());
  return {
    issued:
      effects['flinks-outbound.regenerate'] +
      effects['flinks-data-sharing.generate'] +
      effects['finicity.access-key.generate'],
    promoted: log.count('promote'),
    extended: effects['finicity.access-key.update'],
    chosen: effects['finicity.modify-partner-secret'],
    imported: ran.filter(({ args }) => args[0] === 'import').length,
    'deleted by hand': sandbox.control.grants({ kind: 'finout-api-token', alive: false }).length,
    revoked: effects['flinks-data-sharing.disable'] + effects['finicity.access-key.revoke'],
    settled: log.count('settle'),
    messages: answers.length,
    refused: answers.filter(({ outcome }) => outcome === 'refused').length,
    kills: worker.crashes,
    commands: ran.length,
    'calls to the vendors': sum(calls),
    'calls to Secrets Manager': sum(sandbox.secretsManager.calls.counts()),
  };
}
