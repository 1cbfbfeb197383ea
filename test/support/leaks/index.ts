import { count } from '../proof';
import { placesOfError } from './errors';
import { placesInFolder } from './files';
import { makeFinder, type Secret } from './finder';
import { bytesOf, type Place } from './place';
import { type Environment, placesOfProcess } from './processes';
import { placesOfRedis, type SearchedRedis } from './redis';

export { placesOfError } from './errors';
export type { Secret } from './finder';
export type { Place } from './place';
export { placesOfProcess } from './processes';
export { placesInRedis } from './redis';

/** Where a secret could have got to; whatever is given is looked through. */
export interface Everything {
  /** Output of processes and commands, pages, and what was taken down of processes while they ran. */
  readonly texts?: readonly Place[];
  readonly redis?: SearchedRedis;
  /** Every file below them. */
  readonly folders?: readonly string[];
  /** Running processes; `byDesign`: see placesOfProcess. */
  readonly processes?: readonly { readonly pid: number; readonly byDesign?: Environment }[];
  /** What was thrown, or came back: looked at with everything that is hidden in it. */
  readonly thrown?: readonly { readonly where: string; readonly error: unknown }[];
}

export interface Searched {
  /** Where a secret stands, which one, and in which form; never the value. */
  readonly leaks: readonly string[];
  readonly places: number;
  /** All that was looked through, as it stands there. */
  readonly bytes: number;
}

/** Looks for the secrets in everything that is given, in every form (forms.ts). */
export async function searchEverything(secrets: Iterable<Secret>, everything: Everything): Promise<Searched> {
  const { texts = [], redis, folders = [], processes = [], thrown = [] } = everything;
  return searchPlaces(secrets, [
    ...texts,
    ...(redis === undefined ? [] : await placesOfRedis(redis)),
    ...folders.flatMap(placesInFolder),
    ...processes.flatMap(({ pid, byDesign }) => placesOfProcess(pid, byDesign)),
    ...thrown.flatMap(({ where, error }) => placesOfError(where, error)),
  ]);
}

/** The same for places that are at hand. */
export function searchPlaces(secrets: Iterable<Secret>, places: readonly Place[]): Searched {
  const find = makeFinder(secrets);
  let bytes = 0;
  const leaks: string[] = [];
  for (const place of places) {
    const content = bytesOf(place);
    bytes += content.length;
    leaks.push(...find(content).map(({ what, form }) => `${place.where}: ${what}, ${form}`));
  }
  return { leaks, places: places.length, bytes };
}

/** Counts a search towards the summary of `npm test`, and gives its leaks: there are to be none. */
export function counted({ leaks, bytes }: Searched): readonly string[] {
  count('bytes searched', bytes);
  if (leaks.length > 0) count('seen', leaks.length);
  return leaks;
}

export const secretsOf = (what: string, values: Iterable<string>): Secret[] =>
  [...new Set(values)].map((value) => ({ what, value }));

/** The places that hold one of the values. The value itself is not told: this is printed. */
export function findLeaks(places: readonly Place[], values: readonly string[]): readonly string[] {
  const find = makeFinder(secretsOf('a value', values));
  return places.filter((place) => find(bytesOf(place)).length > 0).map(({ where }) => where);
}
