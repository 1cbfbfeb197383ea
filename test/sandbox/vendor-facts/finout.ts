import { z } from 'zod';
import { type HeaderFact, id, jsonAnswer, type OperationFacts } from './types';

/** providers.md 4.2: seen in C-go-finout (COMMUNITY); the page shows no body of an error. */
const error = z.strictObject({ requestId: z.string(), error: z.string(), message: z.string() });

const header: HeaderFact = { required: true, form: /^\S+$/, source: 'S3, step 7' };
const headers = { 'x-finout-client-id': header, 'x-finout-secret-key': header };

/** Which statuses are listed for V1, or for V2 only: providers.md 4.2. */
const errors = {
  401: [jsonAnswer(error, '4.2: listed for V1')],
  403: [jsonAnswer(error, '4.2: documented for V2')],
  429: [jsonAnswer(error, '4.2: documented for V2')],
  503: [jsonAnswer(error, '4.2: listed for V1')],
};

/** Finout: what a token can be tried with, and what it must not be tried with. Tokens are made by a person (S3). */
export const finoutFacts = {
  'finout.view': {
    method: 'GET',
    path: '/v1/view',
    source: 'FO-docs, providers.md 4.2',
    pathParameters: {},
    headers,
    body: null,
    answers: {
      200: [
        jsonAnswer(
          z.strictObject({ data: z.array(z.strictObject({ name: z.string(), id })), requestId: id }),
          'FO-docs; 4.2',
        ),
      ],
      ...errors,
    },
  },
  /** Answers with Slack webhook addresses, which are secrets: the worker never calls it. */
  'finout.endpoints': {
    method: 'GET',
    path: '/v1/endpoints',
    source: 'FO-docs, providers.md 4.2',
    pathParameters: {},
    headers,
    body: null,
    answers: {
      200: [
        jsonAnswer(
          z.strictObject({
            data: z.array(z.strictObject({ id, type: z.string(), webhookUrl: z.string(), email: z.string() })),
            requestId: id,
          }),
          'providers.md 4.2; the names of its fields are made up',
        ),
      ],
      ...errors,
    },
  },
} as const satisfies Record<string, OperationFacts>;
