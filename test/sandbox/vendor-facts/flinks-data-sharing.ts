import { z } from 'zod';
import { type HeaderFact, id, jsonAnswer, type OperationFacts } from './types';

/** S0: an optional parameter on generate. S1 does not declare it on enable and disable; sending it there is allowed. */
const apiSecret: HeaderFact = { required: false, form: /^Bearer \S+$/, source: 'S0 parameters; undeclared in S1' };

/** Named by the introduction that all Flinks specs share; providers.md 2.2. */
const authKey: HeaderFact = { required: false, form: /^\S+$/, source: 'S0 and S1 info.description' };

const headers = { authorization: apiSecret, 'flinks-auth-key': authKey };

/** S0, from the example of the 400: at least 3 characters and no numbers. Other rules: UNKNOWN. */
const partnerName = z.string().min(3).regex(/^\D+$/, 'no numbers');

/** S0: PascalCase. */
const generated = z.strictObject({
  RequestId: z.string(),
  PermissionId: z.string(),
  AuthSecret: z.string(),
  Message: z.string(),
});

const generateError = z.strictObject({
  HttpStatusCode: z.int(),
  ValidationDetails: z.strictObject({ externalPartnerName: z.array(z.string()) }),
  FlinksCode: z.string(),
});

/** S1: camelCase, and the secret is in the answer. */
const switched = z.strictObject({ permissionId: z.string(), authSecret: z.string(), message: z.string() });

/**
 * F-codes: a 401 names its reason in FlinksCode (ACCESS_DENIED, TOO_MANY_REQUESTS, RETRY_LATER, …). Not declared by S0
 * and S1 for these endpoints; the shape is taken from the 400 of S0 without its details (INFERRED).
 */
const refused = jsonAnswer(z.strictObject({ HttpStatusCode: z.literal(401), FlinksCode: z.string() }), 'F-codes');

const switching = (verb: 'enable' | 'disable', source: string) =>
  ({
    method: 'GET',
    path: `/v3/{customerId}/partnerdata/authsecret/${verb}/{permissionId}`,
    source,
    pathParameters: { customerId: id, permissionId: z.guid() },
    headers,
    body: null,
    answers: {
      200: [jsonAnswer(switched, `${source} 200`)],
      400: [jsonAnswer(z.strictObject({}), `${source} 400`)],
      401: [refused],
    },
  }) as const satisfies OperationFacts;

/** Flinks data sharing: AuthSecret generate (S0), enable (S1), disable (F-share, the same shapes as S1). */
export const flinksDataSharingFacts = {
  'flinks-data-sharing.enable': switching('enable', 'S1'),
  'flinks-data-sharing.disable': switching('disable', 'F-share'),
  'flinks-data-sharing.generate': {
    method: 'GET',
    path: '/v3/{customerId}/partnerdata/authsecret/{nameofpartner}',
    source: 'S0',
    pathParameters: { customerId: id, nameofpartner: partnerName },
    headers,
    body: null,
    answers: {
      200: [jsonAnswer(generated, 'S0 200')],
      400: [jsonAnswer(generateError, 'S0 400')],
      401: [refused],
    },
  },
} as const satisfies Record<string, OperationFacts>;
