import { z } from 'zod';
import { accessKeyAnswer, accessKeyRequest } from './finicity-receipts';
import { type AnswerFact, emptyAnswer, type HeaderFact, id, jsonAnswer, type OperationFacts } from './types';

const jsonBody: HeaderFact = { required: true, form: /^application\/json\b/, source: 'MC-spec requestBodies' };
const appKey: HeaderFact = { required: true, form: /^\S+$/, source: 'MC-spec securitySchemes.FinicityAppKey' };
const appToken: HeaderFact = { required: true, form: /^\S+$/, source: 'MC-spec securitySchemes.FinicityAppToken' };
const login = { 'finicity-app-key': appKey, 'content-type': jsonBody };
const withToken = { 'finicity-app-key': appKey, 'finicity-app-token': appToken };

/** MC-spec ErrorMessage: only `code` is required, and comes as a number or a string. */
const errorMessage = z.strictObject({
  code: z.union([z.int(), z.string()]),
  status: z.string().optional(),
  title: z.string().optional(),
  level: z.string().optional(),
  message: z.string().optional(),
  user_message: z.string().optional(),
  assetId: z.string().optional(),
  accountId: z.string().optional(),
  externalTransactionId: z.string().optional(),
  tags: z.string().optional(),
});

const errorWrapper = z.strictObject({
  Errors: z.strictObject({
    Error: z
      .array(
        z.strictObject({
          Source: z.string().max(512).optional(),
          ReasonCode: z.string().max(512).optional(),
          Description: z.string().max(512).optional(),
          Recoverable: z.boolean().optional(),
          Details: z.string().max(512).optional(),
        }),
      )
      .min(1),
  }),
});

const plain = (source: string): AnswerFact => ({ contentType: 'text/plain', body: z.string().min(1), source });

const keyErrors = {
  400: [jsonAnswer(errorMessage, 'MC-spec BadRequestErrorResponse')],
  401: [jsonAnswer(errorMessage, 'MC-spec UnauthorizedErrorResponse'), plain('MC-spec UnauthorizedErrorResponse')],
  404: [jsonAnswer(errorMessage, 'MC-spec ResourceNotFoundErrorResponse')],
};

const credentials = z.strictObject({ partnerId: id, partnerSecret: id });

/** MC-spec ModifyPartnerSecret: 12 to 255 characters of this alphabet, at least one letter and one digit. */
export const PARTNER_SECRET_POLICY = /^(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d!@#$%&*_\-+]{12,255}$/;

const loginErrors = {
  400: [jsonAnswer(errorMessage, 'MC-spec GeneralBadRequestErrorResponse')],
  401: [jsonAnswer(errorMessage, 'MC-spec AuthenticationUnauthorizedErrorResponse')],
};

/** Finicity / Mastercard Open Finance US: partner authentication and third party access keys. */
export const finicityFacts = {
  'finicity.authenticate': {
    method: 'POST',
    path: '/aggregation/v2/partners/authentication',
    source: 'MC-spec CreateToken',
    pathParameters: {},
    headers: login,
    body: credentials,
    answers: {
      200: [jsonAnswer(z.strictObject({ token: z.string() }), 'MC-spec AccessToken')],
      ...loginErrors,
      // The declared schema is the wrapper, its own example is an ErrorMessage (providers.md 3.1, CONFLICT).
      404: [jsonAnswer(errorWrapper, 'MC-spec PartnerNotFoundResponse'), jsonAnswer(errorMessage, 'its example')],
    },
  },
  'finicity.modify-partner-secret': {
    method: 'PUT',
    path: '/aggregation/v2/partners/authentication',
    source: 'MC-spec ModifyPartnerSecret',
    pathParameters: {},
    headers: login,
    body: credentials.extend({
      newPartnerSecret: z.string().regex(PARTNER_SECRET_POLICY, 'policy'),
      immediate: z.boolean().optional(),
    }),
    answers: { 204: [emptyAnswer('MC-spec ModifyPartnerSecretResponse')], ...loginErrors },
  },
  'finicity.access-key.generate': {
    method: 'POST',
    path: '/aggregation/v1/partners/accessKey',
    source: 'MC-spec GenerateThirdPartyAccessKey, S4',
    pathParameters: {},
    headers: { ...withToken, 'content-type': jsonBody },
    body: accessKeyRequest,
    answers: { 200: [jsonAnswer(accessKeyAnswer, 'MC-spec ThirdPartyAccessKeyReceiptData')], ...keyErrors },
  },
  'finicity.access-key.update': {
    method: 'PUT',
    path: '/aggregation/v1/partners/accessKey/{consentReceiptId}',
    source: 'MC-spec UpdateThirdPartyAccessKey, S4',
    pathParameters: { consentReceiptId: id },
    headers: { ...withToken, 'content-type': jsonBody },
    body: accessKeyRequest,
    answers: { 200: [jsonAnswer(accessKeyAnswer, 'MC-spec ThirdPartyAccessKeyReceiptData')], ...keyErrors },
  },
  'finicity.access-key.revoke': {
    method: 'DELETE',
    path: '/aggregation/v1/partners/accessKey/{consentReceiptId}',
    source: 'MC-spec RevokeThirdPartyAccessKey, S4',
    pathParameters: { consentReceiptId: id },
    headers: withToken,
    body: null,
    answers: { 204: [emptyAnswer('MC-spec RevokeThirdPartyAccessKeyResponse')], ...keyErrors },
  },
} as const satisfies Record<string, OperationFacts>;
