import { randomBytes } from 'node:crypto';
import { check } from '../case';
import { ok, refused, same } from '../expect';

export const error = [
  check('error.status-400-notfound', 'rec', 'ResourceNotFoundException comes with HTTP 400', async (sm) => {
    const { $metadata, $fault } = await refused(sm.get({ SecretId: sm.name('none') }), 'ResourceNotFoundException');
    same([$metadata.httpStatusCode, $fault], [400, 'client'], 'status and fault');
  }),
  check(
    'error.status-400-invalid',
    'rec',
    'InvalidRequestException (id/stage mismatch) comes with HTTP 400',
    async (sm) => {
      const { name, first } = await sm.secret();
      await sm.putValue(name, 'v2');
      const call = sm.get({ SecretId: name, VersionId: first, VersionStage: 'AWSCURRENT' });
      same((await refused(call, 'InvalidRequestException')).$metadata.httpStatusCode, 400, 'status');
    },
  ),
  check('error.status-400-exists', 'rec', 'ResourceExistsException comes with HTTP 400', async (sm) => {
    const { name } = await sm.secret();
    const call = sm.create({ Name: name, SecretString: 'x' });
    same((await refused(call, 'ResourceExistsException')).$metadata.httpStatusCode, 400, 'status');
  }),
  check('error.no-leak', '-', 'no error message or field carries the submitted secret value', async (sm) => {
    const mark = `LEAK-${randomBytes(8).toString('hex')}`;
    const { name, first } = await sm.secret();
    const calls = [
      sm.putValue(name, mark, undefined, first),
      sm.create({ Name: name, SecretString: mark }),
      sm.putValue(sm.name('none'), mark),
    ];
    const errors = (await Promise.allSettled(calls)).flatMap((o) => (o.status === 'rejected' ? o.reason : []));
    same(errors.length, 3, 'errors');
    const seen = errors.map((e) => JSON.stringify(e, Object.getOwnPropertyNames(e)) + String(e.stack));
    ok(!seen.some((text) => text.includes(mark)), 'value found in an error');
  }),
];
