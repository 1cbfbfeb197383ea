import { inspect } from 'node:util';

/** How a secret may be written where it must not stand. Basic authentication is base64 of a text that holds it. */
export const FORMS = {
  'cut off': halves,
  'as it is': (value) => [value],
  'escaped for JSON': (value) => [jsonEscaped(value), jsonEscaped(jsonEscaped(value))],
  'as JavaScript prints it': (value) => [inspect(value).slice(1, -1)],
  'encoded for a URL': urlEncoded,
  'in base64': base64Within,
  'in hex': hex,
} as const satisfies Readonly<Record<string, (value: string) => readonly string[]>>;

export type Form = keyof typeof FORMS;

const jsonEscaped = (value: string): string => JSON.stringify(value).slice(1, -1);

function urlEncoded(value: string): string[] {
  const component = encodeURIComponent(value);
  const strict = component.replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [component, strict, encodeURI(value), new URLSearchParams({ value }).toString().slice('value='.length)];
  return upper.flatMap((text) => [text, text.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase())]);
}

/** Base64 of a longer text that holds the value: what it looks like hangs on where in a group of three bytes it begins. */
function base64Within(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const whole = bytes.subarray(before === 0 ? 0 : 3, bytes.length - (bytes.length % 3));
    return [whole.toString('base64'), whole.toString('base64url')];
  });
}

/** As one word, and as Node prints the bytes of a Buffer. */
function hex(value: string): string[] {
  const word = Buffer.from(value).toString('hex');
  return [word, word.toUpperCase(), word.replace(/..(?=.)/g, '$& ')];
}

const SHORTEST_HALF = 12;

/** What is left where a text was cut to a length, or begun in the middle. */
function halves(value: string): string[] {
  const half = Math.floor(value.length / 2);
  return half < SHORTEST_HALF ? [] : [value.slice(0, half), value.slice(-half)];
}
