// From a sound entry to the credential that the rest of the program knows.

import { InvariantError } from '../errors';
import type { Account, Credential } from '../types';
import { type Entry, ownPolicy } from './entries';
import type { policiesOf } from './policy';

export function toCredential(entry: Entry, account: Account, policyOf: ReturnType<typeof policiesOf>): Credential {
  const base = {
    id: entry.id,
    account: account.name,
    secretName: entry.secret,
    policy: policyOf(entry.kind, ownPolicy(entry)),
    creation: creationOf(entry),
    ...(entry.value === undefined ? {} : { value: entry.value }),
    ...(entry.adopt === undefined ? {} : { adopt: entry.adopt }),
    ...(entry.state === 'retired' ? { retired: { deleteSecret: entry.deleteSecret ?? false } } : {}),
  };
  switch (entry.kind) {
    case 'flinks-outbound-recipient': {
      const { kind, clientId } = entry;
      return { ...base, kind, clientId, subject: `flinks-outbound/${account.name}/${clientId}` };
    }
    case 'flinks-auth-secret': {
      const { kind, partnerName } = entry;
      return { ...base, kind, partnerName, subject: `flinks-data-sharing/${account.name}/${partnerName}` };
    }
    case 'finicity-access-key': {
      const { kind, customerId, thirdPartyPartnerId, products } = entry;
      const partner = account.vendor === 'finicity' ? account.partnerId : account.name;
      const subject = `finicity/${partner}/${customerId}/${thirdPartyPartnerId}`;
      return { ...base, kind, customerId, thirdPartyPartnerId, products, subject };
    }
    case 'finicity-partner-secret': {
      if (account.vendor !== 'finicity')
        throw new InvariantError('a partner secret of another vendor was found faultless');
      const { kind, secretLength: length } = entry;
      // Where the worker's own login looks for it.
      const value = entry.value ?? { fields: { [account.partnerSecret.key]: 'partnerSecret' }, constants: {} };
      return { ...base, kind, length, value, subject: `finicity/${account.partnerId}` };
    }
    case 'finout-api-token': {
      const { kind, tokenName } = entry;
      return { ...base, kind, tokenName, subject: `finout/${account.name}/${tokenName}` };
    }
  }
}

function creationOf({ kmsKeyId, description, tags = {} }: Entry): Credential['creation'] {
  return {
    tags,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    ...(description === undefined ? {} : { description }),
  };
}
