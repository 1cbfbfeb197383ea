import { inspect, types as is } from 'node:util';
import type { Place } from './place';

/** Whatever anybody could make of something that was thrown: printed with its hidden fields, copied, taken apart. */
export function placesOfError(where: string, error: unknown): readonly Place[] {
  return Object.entries(WAYS).map(([way, text]) => ({ where: `${where}, ${way}`, text: text(error) }));
}

const EVERYTHING = {
  ...{ showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true, showProxy: true },
  ...{ maxArrayLength: null, maxStringLength: null },
} as const;

const WAYS: Readonly<Record<string, (error: unknown) => string>> = {
  'as text': (error) => String(error),
  'its stack': (error) => (is.isNativeError(error) ? `${error.message}\n${error.stack}` : ''),
  'by util.inspect': (error) => inspect(error, EVERYTHING),
  'by util.inspect, past what classes do about it': (error) => inspect(error, { ...EVERYTHING, customInspect: false }),
  'as JSON': (error) => orItsRefusal(() => JSON.stringify(error) ?? ''),
  'its copy': (error) => orItsRefusal(() => inspect(structuredClone(error), EVERYTHING)),
  'taken apart': (error) => partsOf(error).join('\n'),
};

/** What cannot be copied is refused with words, which may quote it. */
function orItsRefusal(text: () => string): string {
  try {
    return text();
  } catch (error) {
    return inspect(error, EVERYTHING);
  }
}

/** Every text, name and byte that can be reached by properties of any kind, prototypes, maps and sets. */
function partsOf(root: unknown): string[] {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string' || typeof value === 'symbol') texts.push(String(value));
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) texts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
    else open.push(...within(value));
  }
  return texts;
}

function within(value: object): unknown[] {
  const names = Reflect.ownKeys(value).filter((name) => name !== 'constructor');
  const members = is.isMap(value) ? [...value].flat() : is.isSet(value) ? [...value] : [];
  return [...names, ...names.map((name) => memberOf(value, name)), ...members, Object.getPrototypeOf(value)];
}

/** A getter may want another `this`, or not be for everybody. */
function memberOf(value: object, name: PropertyKey): unknown {
  try {
    return Reflect.get(value, name);
  } catch (error) {
    return error;
  }
}
