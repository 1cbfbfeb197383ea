import type { Operation as AwsOperation } from '../sandbox/secrets-manager/inputs';
import type { Operation } from '../sandbox/vendor-facts/operations';

// Which calls change something: every operation of the stand-ins has its line here, or this does not compile.

/** Why faults of the answers of an operation are not gone through: it changes nothing, or the worker never sends it. */
type Left = 'reads' | 'is never sent';

export const VENDOR_CALLS: Readonly<Record<Operation, 'changes' | Left>> = {
  'flinks-outbound.token': 'changes', // a login: it may count, and verifies
  'flinks-outbound.recipients.list': 'is never sent',
  'flinks-outbound.recipients.get': 'reads',
  'flinks-outbound.regenerate': 'changes',
  'flinks-data-sharing.enable': 'changes',
  'flinks-data-sharing.disable': 'changes',
  'flinks-data-sharing.generate': 'changes',
  'finicity.authenticate': 'changes', // a login that counts
  'finicity.modify-partner-secret': 'changes',
  'finicity.access-key.generate': 'changes',
  'finicity.access-key.update': 'changes',
  'finicity.access-key.revoke': 'changes',
  'finout.view': 'reads',
  'finout.endpoints': 'is never sent',
};

export const AWS_CALLS: Readonly<Record<AwsOperation, 'changes' | Left>> = {
  CreateSecret: 'changes',
  PutSecretValue: 'changes',
  UpdateSecret: 'is never sent',
  UpdateSecretVersionStage: 'changes',
  DescribeSecret: 'reads',
  GetSecretValue: 'reads',
  BatchGetSecretValue: 'is never sent',
  ListSecretVersionIds: 'reads',
  ListSecrets: 'reads',
  TagResource: 'changes',
  UntagResource: 'changes',
  DeleteSecret: 'changes',
  RestoreSecret: 'changes',
  RotateSecret: 'is never sent',
  CancelRotateSecret: 'is never sent',
};
