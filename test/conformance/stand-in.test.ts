import { type SecretsManagerServer, startSecretsManager } from '../sandbox/secrets-manager/server';
import { judgesEndpoint } from './case';
import { cases } from './cases';
import { makeSubject, type Subject } from './subject';

let server: SecretsManagerServer;
let subject: Subject;

beforeAll(async () => {
  server = await startSecretsManager();
  subject = makeSubject(server.url);
});

afterAll(async () => {
  await subject.clear();
  await server.close();
});

test('the list holds 147 cases that judge the endpoint, 5 that judge the SDK, 7 that inform, each id once', () => {
  const informing = cases.filter(({ informs }) => informs);
  const judging = cases.filter(judgesEndpoint);
  expect([judging.length, cases.length - judging.length - informing.length, informing.length]).toEqual([147, 5, 7]);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(159);
});

for (const { id, text, run } of cases) test(`${id}: ${text}`, () => run(subject));
