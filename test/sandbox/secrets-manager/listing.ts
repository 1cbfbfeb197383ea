import type {
  APIErrorType,
  BatchGetSecretValueResponse,
  ListSecretsResponse,
  SecretValueEntry,
} from '@aws-sdk/client-secrets-manager';
import { type Context, isOver } from './context';
import { AwsError, invalidParameter } from './errors';
import { predicate } from './filters';
import type { Input } from './inputs';
import { decode, encode, indexAfter, inOrder, type Place } from './order';
import { getSecretValue, listEntry } from './reads';
import type { Secret } from './secret';
import { visible } from './shelf';

const PAGE = 100;
const BATCH = 20;

/**
 * One page. A NextToken comes whenever secrets are left to look at, so that the last page may be empty, as the API reference allows.
 * By default in the order of creation, ascending: the API reference does not say which way.
 */
export function listSecrets(context: Context, input: Input<'ListSecrets'>): ListSecretsResponse {
  const { secrets, NextToken } = page(context, input, input.MaxResults ?? PAGE);
  return { SecretList: secrets.map(listEntry), NextToken };
}

function page(
  context: Context,
  input: Input<'ListSecrets'>,
  size: number,
): { secrets: Secret[]; NextToken: string | undefined } {
  const { SortBy = 'created-date', SortOrder = 'asc', NextToken } = input;
  const order = inOrder(context, SortBy, SortOrder);
  const matches = wanted(context, input);
  const start = NextToken === undefined ? 0 : indexAfter(order, decode(NextToken));
  const limit = context.options.shortPages ? start + size : order.length;
  const secrets: Secret[] = [];
  let index = start;
  let last: Place | undefined;
  while (index < Math.min(limit, order.length) && secrets.length < size) {
    last = order.at(index++);
    const secret = visible(last.slot, context.hostNow(), context.options.listLagMs);
    if (secret !== undefined && matches(secret)) secrets.push(secret);
  }
  return { secrets, NextToken: last && index < order.length ? encode(last) : undefined };
}

function wanted(context: Context, { Filters = [], IncludePlannedDeletion }: Input<'ListSecrets'>) {
  const matches = predicate(Filters);
  return (secret: Secret) =>
    (secret.deletionAt === undefined || (IncludePlannedDeletion === true && !isOver(context, secret))) &&
    matches(secret);
}

/** "You must include Filters or SecretIdList, but not both"; MaxResults and NextToken go with Filters only. */
export function batchGetSecretValue(
  context: Context,
  input: Input<'BatchGetSecretValue'>,
): BatchGetSecretValueResponse {
  const { SecretIdList: ids, Filters, MaxResults, NextToken } = input;
  if ((ids === undefined) === (Filters === undefined))
    throw invalidParameter('You must include either SecretIdList or Filters, but not both.');
  if (ids !== undefined && (MaxResults !== undefined || NextToken !== undefined))
    throw invalidParameter('To use MaxResults or NextToken, you must also use Filters.');
  if (ids !== undefined) return values(context, ids);
  const found = page(context, { Filters, NextToken }, MaxResults ?? BATCH);
  const names = found.secrets.map(({ name }) => name);
  return { ...values(context, names), NextToken: found.NextToken };
}

function values(context: Context, ids: readonly string[]): BatchGetSecretValueResponse {
  const SecretValues: SecretValueEntry[] = [];
  const Errors: APIErrorType[] = [];
  for (const SecretId of ids) {
    try {
      SecretValues.push(getSecretValue(context, { SecretId }));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Errors.push({ SecretId, ErrorCode: error.type, Message: error.message });
    }
  }
  return { SecretValues, Errors };
}
