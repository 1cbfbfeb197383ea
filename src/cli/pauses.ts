import { type PausedTag, pausesIn } from '../account-pause';
import type { Collaborators } from '../collaborators';
import type { Observation } from '../secret-store';

/** The accounts at vendors that are paused, by name; one call where there are few. */
export async function pausesNow({ pauses }: Pick<Collaborators, 'pauses'>): Promise<ReadonlyMap<string, PausedTag>> {
  const found: Observation[] = [];
  for await (const seen of pauses()) found.push(seen);
  return pausesIn(found);
}
