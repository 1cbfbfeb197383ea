import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { parseRecord, recordText } from '../attempt-record';
import { SecretStoreError, type SecretStoreFailure } from '../errors';
import { type Tags, tag } from '../rotation-tags';
import type { HistoricVersion, LabelMove, SecretStore } from '../secret-store';
import { Sensitive } from '../sensitive';
import type { Clock } from '../types';
import { parseVersionId } from '../version-ids';
import { call, retrying } from './calls';
import { CURRENT, GIVEN_UP, observation, PENDING } from './labels';
import { takeTry } from './tries';

const RECOVERY_DAYS = 30;
const GONE: readonly SecretStoreFailure[] = ['marked-for-deletion', 'not-found'];

export const awsTags = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The secrets of the credentials, in AWS Secrets Manager. */
export function secretStore(client: SecretsManagerClient, clock: Clock): SecretStore {
  const put = async (SecretId: string, id: string, text: string, VersionStages: string[]): Promise<boolean> => {
    const command = new PutSecretValueCommand({ SecretId, ClientRequestToken: id, SecretString: text, VersionStages });
    const answer = await call('PutSecretValue', SecretId, () => client.send(command), 'ResourceExistsException');
    return answer !== 'ResourceExistsException';
  };

  const move = async (SecretId: string, VersionStage: string, { from, to }: LabelMove): Promise<boolean> => {
    const ids = { ...(from === undefined ? {} : { RemoveFromVersionId: from }), MoveToVersionId: to };
    const command = new UpdateSecretVersionStageCommand({ SecretId, VersionStage, ...ids });
    const answer = await call(
      'UpdateSecretVersionStage',
      SecretId,
      () => client.send(command),
      'InvalidParameterException',
    );
    return answer !== 'InvalidParameterException';
  };

  const unspent = new Set<string>();
  const tryName = (version: string, n: number): string => `${version} ${n}`;

  return {
    async observe({ secretName: SecretId }) {
      return retrying(clock, async () => {
        const seenAt = clock.monotonic();
        const command = new DescribeSecretCommand({ SecretId });
        const answer = await call('DescribeSecret', SecretId, () => client.send(command), 'ResourceNotFoundException');
        if (answer === 'ResourceNotFoundException') return undefined;
        return observation({ ...answer, Name: SecretId }, answer.VersionIdsToStages ?? {}, seenAt);
      });
    },

    async create(credential) {
      const { secretName: Name, creation } = credential;
      const command = new CreateSecretCommand({
        Name,
        ClientRequestToken: randomUUID(),
        ...(creation.kmsKeyId === undefined ? {} : { KmsKeyId: creation.kmsKeyId }),
        ...(creation.description === undefined ? {} : { Description: creation.description }),
        Tags: awsTags({ ...creation.tags, ...tag.credential(credential) }),
      });
      const answer = await call('CreateSecret', Name, () => client.send(command), 'ResourceExistsException');
      return answer !== 'ResourceExistsException';
    },

    putIntent: ({ secretName }, id, intent) => put(secretName, id, recordText(intent), [PENDING]),
    putValue: ({ secretName }, id, value) => put(secretName, id, value.reveal(), [PENDING]),
    putTombstone: ({ secretName }, id, tombstone) =>
      retrying(clock, () => put(secretName, id, recordText(tombstone), [PENDING, GIVEN_UP])),

    takeTry: async ({ secretName }, version, n) =>
      unspent.delete(tryName(version, n)) || takeTry({ client, clock }, secretName, version, n),
    putTryBack: (version, n) => void unspent.add(tryName(version, n)),

    async read({ secretName: SecretId }, VersionId) {
      const command = new GetSecretValueCommand({ SecretId, VersionId });
      const send = () => call('GetSecretValue', SecretId, () => client.send(command), 'ResourceNotFoundException');
      const answer = await retrying(clock, send);
      if (answer === 'ResourceNotFoundException') return undefined;
      const text = answer.SecretString ?? '';
      return parseRecord(text) ?? { is: 'value', value: new Sensitive(text) };
    },

    promote: ({ secretName }, labelMove) => move(secretName, CURRENT, labelMove),
    movePending: ({ secretName }, labelMove) => move(secretName, PENDING, labelMove),
    moveGivenUp: ({ secretName }, labelMove) => move(secretName, GIVEN_UP, labelMove),

    async history({ secretName: SecretId }) {
      const all: HistoricVersion[] = [];
      let NextToken: string | undefined;
      do {
        const page = NextToken === undefined ? {} : { NextToken };
        const command = new ListSecretVersionIdsCommand({
          SecretId,
          IncludeDeprecated: true,
          MaxResults: 100,
          ...page,
        });
        const answer = await retrying(clock, () => call('ListSecretVersionIds', SecretId, () => client.send(command)));
        for (const { VersionId, CreatedDate } of answer.Versions ?? []) {
          if (VersionId !== undefined)
            all.push({ version: parseVersionId(VersionId), createdAt: CreatedDate?.getTime() ?? 0 });
        }
        NextToken = answer.NextToken;
      } while (NextToken !== undefined);
      return all.sort((a, b) => a.createdAt - b.createdAt);
    },

    async tag({ secretName: SecretId }, tags) {
      const command = new TagResourceCommand({ SecretId, Tags: awsTags(tags) });
      await retrying(clock, () => call('TagResource', SecretId, () => client.send(command)));
    },

    async untag({ secretName: SecretId }, TagKeys) {
      const command = new UntagResourceCommand({ SecretId, TagKeys: [...TagKeys] });
      await retrying(clock, () => call('UntagResource', SecretId, () => client.send(command)));
    },

    async scheduleDeletion({ secretName: SecretId }) {
      const command = new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: RECOVERY_DAYS });
      await retrying(clock, () => call('DeleteSecret', SecretId, () => client.send(command))).catch(
        (error: unknown) => {
          if (!(error instanceof SecretStoreError) || !GONE.includes(error.failure)) throw error;
        },
      );
    },

    async restore({ secretName: SecretId }) {
      const command = new RestoreSecretCommand({ SecretId });
      await retrying(clock, () => call('RestoreSecret', SecretId, () => client.send(command)));
    },
  };
}
