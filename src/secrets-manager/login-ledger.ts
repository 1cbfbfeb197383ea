import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import type { LoginLedger } from '../provider';
import { BLOCKED_TAG, LOGIN_OPEN_TAG, PROVEN_TAG, type Tags, tagText } from '../rotation-tags';
import { Sensitive } from '../sensitive';
import type { Clock } from '../types';
import { tryId } from '../version-ids';
import { call, retrying } from './calls';
import { CURRENT, holderOf, TRY, tagsOf } from './labels';
import { awsTags } from './secret-store';

export interface StoredLedger extends LoginLedger {
  /** A person has looked: the block goes, and the mark of a login that never ended. */
  unblock(secretName: string): Promise<void>;
}

/** The login budget of a partner secret: in the tags and versions of the secret that it lives in, so no restart resets it. */
export function loginLedger(client: SecretsManagerClient, clock: Clock): StoredLedger {
  const write = async (SecretId: string, tags: Tags): Promise<void> => {
    const command = new TagResourceCommand({ SecretId, Tags: awsTags(tags) });
    await retrying(clock, () => call('TagResource', SecretId, () => client.send(command)));
  };
  const remove = async (SecretId: string, TagKeys: string[]): Promise<void> => {
    const command = new UntagResourceCommand({ SecretId, TagKeys });
    await retrying(clock, () => call('UntagResource', SecretId, () => client.send(command)));
  };
  return {
    async observe(SecretId) {
      const command = new DescribeSecretCommand({ SecretId });
      const answer = await retrying(clock, () => call('DescribeSecret', SecretId, () => client.send(command)));
      const tags = tagsOf(answer);
      const open = Date.parse(tags[LOGIN_OPEN_TAG] ?? '');
      return {
        currentVersion: holderOf(answer.VersionIdsToStages ?? {}, CURRENT),
        proven: tags[PROVEN_TAG],
        loginOpen: Number.isNaN(open) ? undefined : open,
        blocked: tags[BLOCKED_TAG],
      };
    },

    async read(SecretId, VersionId) {
      const command = new GetSecretValueCommand({ SecretId, VersionId });
      const answer = await retrying(clock, () => call('GetSecretValue', SecretId, () => client.send(command)));
      return new Sensitive(answer.SecretString ?? '');
    },

    async takeTry(SecretId, version, n) {
      const text = JSON.stringify({ note: 'No credential here: a login was tried.', worker: randomUUID() });
      const id = tryId(version, n);
      const command = new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: id,
        SecretString: text,
        VersionStages: [TRY],
      });
      const answer = await call('PutSecretValue', SecretId, () => client.send(command), 'ResourceExistsException');
      return answer !== 'ResourceExistsException';
    },

    openLogin: (secretName, at) => write(secretName, { [LOGIN_OPEN_TAG]: new Date(at).toISOString() }),

    async closeLogin(SecretId, proven) {
      await write(SecretId, { [PROVEN_TAG]: proven });
      await remove(SecretId, [LOGIN_OPEN_TAG]);
    },

    block: (secretName, reason) => write(secretName, { [BLOCKED_TAG]: tagText(reason) }),
    unblock: (secretName) => remove(secretName, [LOGIN_OPEN_TAG, BLOCKED_TAG]),
  };
}
