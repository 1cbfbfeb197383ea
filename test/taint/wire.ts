import { createHash, createHmac } from 'node:crypto';
import type { OnWire, WireRequest } from '../sandbox/http/wire';
import type { Place } from '../support/leaks';

/** All that passed between the worker and the stand-ins: where each secret must have been, or the search for it proves nothing. */
export interface Wire {
  readonly onWire: OnWire;
  /** What the worker sent. */
  requests(): readonly Place[];
  /** The same, and what it was answered. */
  places(): readonly Place[];
  /** Calls to AWS that were signed with this key. */
  signedWith(secretAccessKey: string): number;
}

export function makeWire(): Wire {
  const requests: WireRequest[] = [];
  const answers: Place[] = [];
  return {
    onWire(passing) {
      if ('method' in passing) requests.push(passing);
      else answers.push({ where: `an answer ${passing.status}`, text: passing.body });
    },
    requests: () => requests.map(placeOf),
    places: () => [...requests.map(placeOf), ...answers],
    signedWith: (key) => requests.filter((request) => isSignedWith(request, key)).length,
  };
}

function placeOf({ method, path, query, headers, body }: WireRequest): Place {
  const line = `${method} ${path}?${query}`;
  return { where: line, text: [line, ...Object.values(headers), body].join('\n') };
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/((\d+)\/([^/]+)\/([^/]+)\/aws4_request), SignedHeaders=(\S+), Signature=(\w+)$/;

/** AWS's Signature Version 4 of a POST to `/`, made again from what came. */
function isSignedWith({ headers, body }: WireRequest, key: string): boolean {
  const [, scope, day = '', region = '', service = '', names = '', signature] =
    FORM.exec(headers.authorization ?? '') ?? [];
  if (scope === undefined) return false;
  const signed = names.split(';').map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`);
  const canonical = ['POST', '/', '', signed.join(''), names, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const made = [day, region, service, 'aws4_request', toSign].reduce<Buffer>(hmac, Buffer.from(`AWS4${key}`));
  return made.toString('hex') === signature;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
