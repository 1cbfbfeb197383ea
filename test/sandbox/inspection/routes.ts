import { z } from 'zod';
import type { Control } from '../control';
import { faultSchema } from '../faults';
import { GRANT_KINDS } from '../grants';
import { json, parseJson, type WireAnswer, type WireRequest } from '../http/wire';
import { seedSchema } from '../seed';
import { switchesInputSchema } from '../switches';

const query = {
  kind: z.enum(GRANT_KINDS).optional(),
  account: z.string().optional(),
  subject: z.string().optional(),
  grantId: z.string().optional(),
  secret: z.string().optional(),
};
const grantsQuery = z.strictObject({ ...query, alive: z.stringbool().optional() });
const worksBody = z.strictObject({ ...query, kind: z.enum(GRANT_KINDS), value: z.unknown().optional() });
const tokenForm = z.strictObject({
  name: z.string(),
  expiresInMs: z.int().optional(),
  permitted: z.boolean().optional(),
});
const tokenName = z.strictObject({ clientId: z.string() });
const clockBody = z.strictObject({ advanceMs: z.int() });

type InspectionRoute = (control: Control, request: WireRequest) => unknown;

const body = <Shape extends z.ZodType>(shape: Shape, request: WireRequest): z.output<Shape> =>
  shape.parse(parseJson(request.body));

/** `METHOD /path` -> what it answers with 200. A body that does not fit is a 400 with the places that are wrong. */
const ROUTES: Readonly<Record<string, InspectionRoute>> = {
  'GET /grants': (control, request) =>
    control.grants(grantsQuery.parse(Object.fromEntries(new URLSearchParams(request.query)))),
  'POST /works': (control, request) => {
    const { kind, value, ...by } = body(worksBody, request);
    return { works: value === undefined ? control.works(kind, by) : control.storedValueWorks(kind, value) };
  },
  'GET /recipients': (control) => control.recipients(),
  'GET /partners': (control) => control.partners(),
  'GET /tokens': (control) => control.tokens(),
  'GET /secret-values': (control) => control.secretValues(),
  'GET /counters': (control) => control.counters(),
  'GET /deviations': (control) => control.deviations(),
  'DELETE /deviations': (control) => control.clearDeviations(),
  'GET /requests': (control) => control.requests(),
  'GET /faults': (control) => control.faults(),
  'POST /faults': (control, request) => {
    control.addFaults(...body(z.array(faultSchema), request));
    return control.faults();
  },
  'PUT /faults': (control, request) => {
    control.replaceFaults(body(z.array(faultSchema), request));
    return control.faults();
  },
  'DELETE /faults': (control) => control.clearFaults(),
  'GET /switches': (control) => control.switches(),
  'PUT /switches': (control, request) => {
    control.setSwitches(body(switchesInputSchema, request));
    return control.switches();
  },
  'POST /seed': (control, request) => control.seed(body(seedSchema, request)),
  'POST /admin-portal/tokens': (control, request) => control.adminPortal.generate(body(tokenForm, request)),
  'DELETE /admin-portal/tokens': (control, request) =>
    control.adminPortal.delete(tokenName.parse(Object.fromEntries(new URLSearchParams(request.query))).clientId),
  'GET /clock': (control) => ({ now: control.now() }),
  'POST /clock': (control, request) => {
    control.advanceClock(body(clockBody, request).advanceMs);
    return { now: control.now() };
  },
  'DELETE /state': (control) => control.reset(),
};

export function answerInspection(control: Control, request: WireRequest): WireAnswer {
  const route = ROUTES[`${request.method} ${request.path}`];
  if (route === undefined) return json(404, { error: 'no such route', routes: Object.keys(ROUTES) });
  try {
    return json(200, route(control, request) ?? {});
  } catch (error) {
    if (error instanceof z.ZodError) return json(400, { error: z.prettifyError(error) });
    throw error;
  }
}
