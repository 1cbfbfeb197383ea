import { z } from 'zod';
import { type HeaderFact, id, jsonAnswer, type OperationFacts } from './types';

/** F-autherr: every one of these words is a 400; providers.md 1.1. */
const OAUTH_400 = z.enum([
  'access_denied',
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'unsupported_token_type',
]);

const oauthError = (error: z.ZodType) => z.strictObject({ error, error_description: z.string() });
const message = z.strictObject({ message: z.string() });

const bearerToken: HeaderFact = { required: true, form: /^Bearer \S+$/, source: 'S2 securitySchemes.BearerAuth' };

/** F-rec (list): no secret, no scope, no redirect_uris. */
const listedRecipient = z.strictObject({
  client_id: z.string(),
  name: z.string(),
  logo_uri: z.string(),
  description: z.string(),
  terms_uri: z.string(),
  client_uri: z.string(),
  country: z.enum(['CA', 'US']),
  contacts: z.array(z.strictObject({ email: z.string() })),
});

const recipient = listedRecipient.extend({ scope: z.string(), redirect_uris: z.array(z.string()) });

/** S2 documents these for the regenerate endpoint; F-rec shows the same for list and get (providers.md 1.2). */
const recipientErrors = {
  400: [jsonAnswer(message, 'S2 400')],
  401: [jsonAnswer(message, 'S2 401')],
  500: [jsonAnswer(message, 'S2 500')],
};

/** Flinks Outbound: token (F-token, F-autherr) and data recipients (S2, F-rec). */
export const flinksOutboundFacts = {
  'flinks-outbound.token': {
    method: 'POST',
    path: '/api/v1/token',
    source: 'F-token, S2 (settings of the call), providers.md 1.1',
    pathParameters: {},
    headers: {
      'content-type': { required: true, form: /^application\/json\b/, source: 'F-token' },
      authorization: { required: false, form: /^Basic \S+$/, source: 'INFERRED from F-old; providers.md 1.1' },
    },
    body: z.strictObject({
      grant_type: z.enum(['client_credentials', 'authorization_code', 'refresh_token']),
      client_id: id.optional(),
      client_secret: id.optional(),
      scope: z.string().optional(),
      code: z.string().optional(),
      redirect_uri: z.string().optional(),
      refresh_token: z.string().optional(),
    }),
    basicInsteadOf: ['client_id', 'client_secret'],
    answers: {
      200: [
        jsonAnswer(
          z.strictObject({
            access_token: z.string(),
            token_type: z.literal('Bearer'),
            expires_in: z.int(),
            scope: z.string().optional(),
          }),
          'F-token',
        ),
      ],
      400: [jsonAnswer(oauthError(OAUTH_400), 'F-autherr')],
      500: [jsonAnswer(oauthError(z.literal('server_error')), 'F-autherr')],
      503: [jsonAnswer(oauthError(z.literal('temporarily_unavailable')), 'F-autherr')],
    },
  },
  'flinks-outbound.recipients.list': {
    method: 'GET',
    path: '/api/v1/recipients',
    source: 'F-rec (list), providers.md 1.2',
    pathParameters: {},
    headers: { authorization: bearerToken },
    body: null,
    answers: { 200: [jsonAnswer(z.array(listedRecipient), 'F-rec (list)')], ...recipientErrors },
  },
  'flinks-outbound.recipients.get': {
    method: 'GET',
    path: '/api/v1/recipients/{client_id}',
    source: 'F-rec (get), providers.md 1.2',
    pathParameters: { client_id: id },
    headers: { authorization: bearerToken },
    body: null,
    answers: { 200: [jsonAnswer(recipient, 'F-rec (get)')], ...recipientErrors },
  },
  'flinks-outbound.regenerate': {
    method: 'POST',
    path: '/api/v1/recipients/{client_id}/secret',
    source: 'S2',
    pathParameters: { client_id: id },
    headers: { authorization: bearerToken },
    body: null,
    answers: {
      200: [jsonAnswer(z.strictObject({ client_id: z.string(), client_secret: z.string() }), 'S2 200')],
      ...recipientErrors,
    },
  },
} as const satisfies Record<string, OperationFacts>;
