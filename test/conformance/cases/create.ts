import { randomBytes } from 'node:crypto';
import { check } from '../case';
import { INVALID, ok, refused, same } from '../expect';
import { token } from '../subject';

export const create = [
  check(
    'create.basic',
    'doc',
    'VersionId is the ClientRequestToken; ARN is name + 6 random characters; first version gets AWSCURRENT',
    async (sm) => {
      const Name = sm.name();
      const first = token();
      const made = await sm.create({ Name, SecretString: 'v1', ClientRequestToken: first });
      same([made.VersionId, made.Name], [first, Name], 'VersionId and Name');
      ok(made.ARN?.includes(Name) && /:secret:.+-[A-Za-z0-9]{6}$/.test(made.ARN), `ARN ${made.ARN}`);
      same(await sm.labels(Name), { [first]: ['AWSCURRENT'] }, 'labels');
    },
  ),
  check('create.idempotent', 'doc', 'same name + token + value again succeeds and adds no version', async (sm) => {
    const input = { Name: sm.name(), SecretString: 'v1', ClientRequestToken: token() };
    const made = await sm.create(input);
    const again = await sm.create(input);
    same([again.ARN, again.VersionId], [made.ARN, input.ClientRequestToken], 'second answer');
    same(Object.keys(await sm.labels(input.Name)).length, 1, 'versions');
  }),
  check(
    'create.same-token-other-value',
    'doc',
    'same name + token, other value: ResourceExistsException, value unchanged',
    async (sm) => {
      const { name, first } = await sm.secret();
      await refused(
        sm.create({ Name: name, SecretString: 'other', ClientRequestToken: first }),
        'ResourceExistsException',
      );
      same((await sm.get({ SecretId: name })).SecretString, 'v1', 'value');
    },
  ),
  check('create.exists', 'rec', 'same name, new token: ResourceExistsException "…already exists."', async (sm) => {
    const { name } = await sm.secret();
    await refused(sm.create({ Name: name, SecretString: 'x' }), 'ResourceExistsException', /already exists/);
  }),
  check('create.tags', 'doc', 'Tags given at creation are in DescribeSecret', async (sm) => {
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'B', Value: '2' },
    ];
    const { name } = await sm.secret('v', { Tags });
    same(await sm.tags(name), { a: '1', B: '2' }, 'Tags');
  }),
  check('create.kms', 'doc', 'KmsKeyId is echoed by DescribeSecret; omitted for the default key', async (sm) => {
    const key = process.env.CONFORMANCE_KMS_KEY ?? 'alias/my-key'; // AWS wants one that exists
    const withKey = await sm.secret('v', { KmsKeyId: key });
    const { KmsKeyId } = await sm.describe({ SecretId: withKey.name });
    ok(KmsKeyId?.includes(key), `KmsKeyId ${KmsKeyId}, not ${key}`);
    const plain = await sm.secret();
    same((await sm.describe({ SecretId: plain.name })).KmsKeyId, undefined, 'KmsKeyId for the default key');
  }),
  check('create.empty', 'rec', 'no value: no VersionId, GetSecretValue is ResourceNotFoundException', async (sm) => {
    const Name = sm.name();
    same((await sm.create({ Name })).VersionId, undefined, 'VersionId');
    same(await sm.labels(Name), {}, 'labels');
    await refused(sm.get({ SecretId: Name }), 'ResourceNotFoundException', /staging label: AWSCURRENT/);
  }),
  check('create.empty-then-put', 'rec', 'first PutSecretValue on an empty secret becomes AWSCURRENT', async (sm) => {
    const Name = sm.name();
    await sm.create({ Name });
    same((await sm.put({ SecretId: Name, SecretString: 'v' })).VersionStages, ['AWSCURRENT'], 'stages');
  }),
  check(
    'create.empty-then-put-pending',
    'doc',
    'first PutSecretValue with [AWSPENDING] on an empty secret also gets AWSCURRENT',
    async (sm) => {
      const Name = sm.name();
      await sm.create({ Name });
      const first = await sm.putValue(Name, 'v', ['AWSPENDING']);
      same((await sm.labels(Name))[first], ['AWSCURRENT', 'AWSPENDING'], 'labels');
    },
  ),
  check(
    'create.no-token',
    'rec',
    'no ClientRequestToken on the wire: InvalidRequestException "You must provide a ClientRequestToken value…"',
    async (sm) => {
      const call = sm.tokenless.create({ Name: sm.name(), SecretString: 'x' });
      await refused(call, 'InvalidRequestException', /must provide a ClientRequestToken/);
    },
  ),
  check('create.binary', 'rec', 'SecretBinary round-trips', async (sm) => {
    const Name = sm.name();
    const bytes = randomBytes(64);
    await sm.create({ Name, SecretBinary: bytes });
    const { SecretBinary, SecretString } = await sm.get({ SecretId: Name });
    ok(SecretBinary && bytes.equals(SecretBinary) && SecretString === undefined, 'binary differs');
  }),
];

export const createBounds = [
  check('create.name-invalid', 'rec', 'name with a space: ValidationException "Invalid name…"', async (sm) => {
    const Name = sm.remember(`Inv Name${sm.run}`);
    await refused(sm.create({ Name, SecretString: 'x' }), 'ValidationException', /Invalid name/);
  }),
  check('create.name-513', 'doc', 'name of 513 characters is refused', async (sm) => {
    await refused(sm.create({ Name: sm.remember('n'.repeat(513)), SecretString: 'x' }), INVALID);
  }),
  check('create.token-length', 'doc', 'token of 31 / 65 characters is refused', async (sm) => {
    for (const length of [31, 65]) {
      const input = { Name: sm.name(), SecretString: 'x', ClientRequestToken: 'a'.repeat(length) };
      await refused(sm.create(input), INVALID);
    }
  }),
  check('create.both-values', 'doc', 'SecretString and SecretBinary together are refused', async (sm) => {
    const input = { Name: sm.name(), SecretString: 'x', SecretBinary: Buffer.from('y') };
    await refused(sm.create(input), [...INVALID, 'InvalidRequestException']);
  }),
  check('create.size-ok', 'doc', '65,536 characters are accepted', async (sm) => {
    const { name } = await sm.secret('a'.repeat(65_536));
    same((await sm.get({ SecretId: name })).SecretString?.length, 65_536, 'length');
  }),
  check('create.size-over', 'doc', '65,537 characters are refused', async (sm) => {
    await refused(sm.create({ Name: sm.name(), SecretString: 'a'.repeat(65_537) }), INVALID);
  }),
  check('create.size-over-binary', 'doc', '65,537 bytes of SecretBinary are refused', async (sm) => {
    await refused(sm.create({ Name: sm.name(), SecretBinary: Buffer.alloc(65_537, 1) }), INVALID);
  }),
];
