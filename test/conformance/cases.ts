import type { Case } from './case';
import { concurrent } from './cases/concurrent';
import { create, createBounds } from './cases/create';
import { deleteSecret, scheduledForDeletion } from './cases/deletion';
import { error } from './cases/error';
import { listEntries, listFilters, listPages } from './cases/list';
import { put } from './cases/put';
import { putAgain, putBounds } from './cases/put-again';
import { describeSecret, getSecretValue, listSecretVersionIds } from './cases/read';
import { rotation } from './cases/rotation';
import { sdk } from './cases/sdk';
import { stage, stageRefusals } from './cases/stage';
import { tag } from './cases/tag';
import { batchGetSecretValue, updateSecret } from './cases/update-and-batch';

/**
 * What a rotation worker depends on in AWS Secrets Manager, as black-box cases: the one list for the command (run.ts), which takes any
 * endpoint, and for Jest (stand-in.test.ts), which holds our stand-in to it.
 */
export const cases: readonly Case[] = [
  ...create,
  ...createBounds,
  ...put,
  ...putAgain,
  ...putBounds,
  ...stage,
  ...stageRefusals,
  ...describeSecret,
  ...getSecretValue,
  ...listSecretVersionIds,
  ...listFilters,
  ...listPages,
  ...listEntries,
  ...tag,
  ...deleteSecret,
  ...scheduledForDeletion,
  ...updateSecret,
  ...batchGetSecretValue,
  ...error,
  ...concurrent,
  ...rotation,
  ...sdk,
];
