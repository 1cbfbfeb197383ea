import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import type { LoginLedger } from '../provider';
import { BLOCKED_TAG, LOGIN_OPEN_TAG, PROVEN_TAG, type Tags, tagText } from '../rotation-tags';
import { Sensitive } from '../sensitive';
import { isChanging } from '../situation';
import type { Clock } from '../types';
import { call, retrying } from './calls';
import { observation, tagsOf } from './labels';
import { awsTags } from './secret-store';
import { takeTry } from './tries';

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
      const seen = observation(answer, answer.VersionIdsToStages ?? {}, clock.monotonic());
      return {
        currentVersion: seen.current?.id,
        changing: isChanging(seen),
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

    takeTry: (secretName, version, n) => takeTry({ client, clock }, secretName, version, n),

    openLogin: (secretName, at) => write(secretName, { [LOGIN_OPEN_TAG]: new Date(at).toISOString() }),

    async closeLogin(SecretId, proven) {
      if (proven !== undefined) await write(SecretId, { [PROVEN_TAG]: proven });
      await remove(SecretId, [LOGIN_OPEN_TAG]);
    },

    block: (secretName, reason) => write(secretName, { [BLOCKED_TAG]: tagText(reason) }),
    unblock: (secretName) => remove(secretName, [LOGIN_OPEN_TAG, BLOCKED_TAG]),
  };
}
