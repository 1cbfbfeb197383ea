import { type Fault, type FaultInput, fieldsOf } from '../sandbox/faults';
import { facts, type Operation, vendorOf } from '../sandbox/vendor-facts/operations';
import type { FaultPart } from '../support/providers/fault-part';

/** What the answer of a vendor can be instead of the right one. */
export interface VendorFault {
  readonly name: string;
  readonly part: FaultPart;
  /** The client waits for its time-out. */
  readonly slow?: boolean;
}

/** Does the call take effect when its answer has long been given up on? */
export const isLate = ({ part }: VendorFault): boolean =>
  part.kind === 'delay' || ('effect' in part && part.effect === 'late');

const ELSEWHERE = 'http://127.0.0.1:9/elsewhere';
const NEVER_BY_ITSELF = 3_600_000;
const late = { effect: 'late', lateMs: NEVER_BY_ITSELF } as const;

/** Every kind of fault that the sandbox knows has its line here, or this does not compile. */
const FAULTS: Readonly<Record<Fault['kind'], (route: Operation) => readonly VendorFault[]>> = {
  delay: () => [
    { name: 'too late an answer', part: { kind: 'delay', ms: NEVER_BY_ITSELF, hold: 'answer' }, slow: true },
    { name: 'too late an effect', part: { kind: 'delay', ms: NEVER_BY_ITSELF, hold: 'request' }, slow: true },
  ],
  'throttled-429': () => [
    { name: '429', part: { kind: 'throttled-429', retryAfter: '7' } },
    { name: '429 without a word when', part: { kind: 'throttled-429', retryAfter: null } },
  ],
  // Flinks' own words for it; from others a 401 is a refusal, and no fault
  'throttled-401': (route) =>
    vendorOf(route).startsWith('flinks')
      ? [
          { name: '401 as throttling', part: { kind: 'throttled-401', flinksCode: 'TOO_MANY_REQUESTS' } },
          { name: '401 as "later"', part: { kind: 'throttled-401', flinksCode: 'RETRY_LATER' } },
        ]
      : [],
  'error-500': () => [
    { name: '500', part: { kind: 'error-500' } },
    { name: '500 after the effect', part: { kind: 'error-500', effect: 'done' } },
    { name: '500 before the effect', part: { kind: 'error-500', ...late } },
  ],
  reset: () => [
    { name: 'reset', part: { kind: 'reset' } },
    { name: 'reset after the effect', part: { kind: 'reset', effect: 'done' } },
    { name: 'reset before the effect', part: { kind: 'reset', ...late } },
  ],
  // half of an empty answer is the whole one
  'truncated-body': (route) => (hasBody(route) ? [{ name: 'truncated', part: { kind: 'truncated-body' } }] : []),
  'malformed-json': (route) => (hasBody(route) ? [{ name: 'malformed', part: { kind: 'malformed-json' } }] : []),
  'html-200': () => [
    { name: 'HTML with 200', part: { kind: 'html-200' } },
    { name: 'HTML with 200 after the effect', part: { kind: 'html-200', effect: 'done' } },
  ],
  'accepted-202': () => [
    { name: '202', part: { kind: 'accepted-202' } },
    { name: '202 after the effect', part: { kind: 'accepted-202', effect: 'done' } },
    { name: '202 before the effect', part: { kind: 'accepted-202', ...late } },
  ],
  redirect: () => [
    { name: '302 after the effect', part: { kind: 'redirect', location: ELSEWHERE, effect: 'done' } },
    { name: '307', part: { kind: 'redirect', status: 307, location: ELSEWHERE } },
  ],
  rewrite: rewritten,
  answer: (route) => [
    { name: '503 after the effect', part: { kind: 'answer', status: 503, body: '{}', effect: 'done' } },
    { name: '408', part: { kind: 'answer', status: 408, body: '{}' } },
    ...(hasBody(route)
      ? (['', '{}', '[]', '"ok"'] as const).map((body) => ({
          name: `200 with ${body === '' ? 'nothing' : body}`,
          part: { kind: 'answer', status: 200, body, effect: 'done' } as const,
        }))
      : []),
    ...(hasBody(route) ? [{ name: '204', part: { kind: 'answer', status: 204, effect: 'done' } as const }] : []),
  ],
};

/** A documented success that says something. */
const hasBody = (route: Operation): boolean => 200 in facts[route].answers;

/** What only an algorithm could know that saw the vendor's own books. */
const TAKEN_AT_THEIR_WORD: readonly Operation[] = [
  'flinks-data-sharing.generate',
  'finicity.access-key.generate',
  'finicity.access-key.update',
];

function rewritten(route: Operation): readonly VendorFault[] {
  const { secret, subject } = fieldsOf(route);
  const rewrite = (name: string, part: Omit<Extract<FaultPart, { kind: 'rewrite' }>, 'kind'>): VendorFault => ({
    name,
    part: { kind: 'rewrite', ...part },
  });
  return [
    ...(secret === undefined
      ? []
      : [
          rewrite('without its secret', { remove: [secret] }),
          rewrite('with an empty secret', { set: { [secret]: '' } }),
          ...(['camel', 'pascal', 'snake'] as const).map((casing) => rewrite(`in ${casing} case`, { casing })),
        ]),
    ...(subject === undefined ? [] : [rewrite('without its id', { remove: [subject] })]),
    // which grant was issued only the answer tells: another id in it is the id
    ...(subject === undefined || TAKEN_AT_THEIR_WORD.includes(route)
      ? []
      : [rewrite('with the id of another', { set: { [subject]: '00000000-0000-4000-8000-000000000000' } })]),
  ];
}

export const vendorFaults = (route: Operation): readonly VendorFault[] =>
  Object.values(FAULTS).flatMap((faultsOf) => faultsOf(route));

/** The fault at the n-th call of the route from now on. */
export const atCall = (route: Operation, nth: number, { part }: VendorFault): FaultInput => ({
  ...part,
  route,
  skip: nth,
});
