import { randomUUID } from 'node:crypto';
import type { VendorAnswer } from '../../src/provider';
import type { Label } from './lab-view';
import type { Lab } from './rotation-lab';

/** What people do to a secret, in the console or with the AWS command line. */
export interface Person {
  /** Puts a grant that they made at the vendor, now or before, as AWSCURRENT. @returns its version id */
  putsValue(answer?: VendorAnswer): string;
  takesAway(label: Label): void;
  moves(label: Label, to: string): void;
  removesTags(...keys: string[]): void;
  tags(key: string, value: string): void;
}

const COMPROMISED = 'rotation:compromised:';

export function personAt({ world, vendor, credential, compromised, grantOf }: Lab): Person {
  const { aws } = world;
  const SecretId = credential.secretName;
  const holderOf = (label: Label): string | undefined => {
    const labels = aws.DescribeSecret({ SecretId }).VersionIdsToStages ?? {};
    return Object.keys(labels).find((version) => labels[version]?.includes(label));
  };
  const grantNamed = (key: string): string =>
    (key.startsWith(COMPROMISED) ? grantOf(key.slice(COMPROMISED.length)) : undefined) ?? '';
  return {
    putsValue(answer = vendor.byHand()) {
      const ClientRequestToken = randomUUID();
      aws.PutSecretValue({ SecretId, ClientRequestToken, SecretString: JSON.stringify(answer) });
      return ClientRequestToken;
    },
    takesAway(VersionStage) {
      const RemoveFromVersionId = holderOf(VersionStage);
      if (RemoveFromVersionId !== undefined)
        aws.UpdateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId });
    },
    moves(VersionStage, MoveToVersionId) {
      const RemoveFromVersionId = holderOf(VersionStage);
      aws.UpdateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId });
    },
    removesTags(...TagKeys) {
      aws.UntagResource({ SecretId, TagKeys });
      for (const key of TagKeys) compromised.delete(grantNamed(key));
    },
    tags(Key, Value) {
      aws.TagResource({ SecretId, Tags: [{ Key, Value }] });
      if (Key.startsWith(COMPROMISED)) compromised.add(grantNamed(Key));
    },
  };
}
