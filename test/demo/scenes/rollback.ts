import { isDeepStrictEqual } from 'node:util';
import { holdingsOf } from '../../support/holdings';
import { CAST } from '../cast';
import type { Stage } from '../stage';
import { current, isSettled, send } from './messages';

const ID = CAST.rolledBack;
const ABOUT = { credential: ID, requestedBy: 'ana' };

/** The value before becomes current again, though its permission was disabled: a new version, no label goes back. */
export async function rollback(stage: Stage): Promise<void> {
  const { say, rotator, until } = stage;
  say(`7. Meanwhile ${ID} is rotated by mistake, and its partner wants the old value`);
  say('   back: some seconds, since a revocation under way must have ended first.');
  const before = current(stage, ID);
  await send(stage, 'rotate', { ...ABOUT, reason: 'a mistake' }, ['accepted']);
  await until(`another value of ${ID}`, () => current(stage, ID) !== before);
  await send(stage, 'revoke', { ...ABOUT, reason: 'a second one' }, ['accepted', 'done']);
  await until(`the end of the old grant of ${ID}`, () => isSettled(stage, ID, before));
  const known = values(stage);
  await rotator(['rollback', ID]);
  const [copy, ...others] = values(stage).filter((version) => !known.includes(version));
  const { value } = holdings(stage);
  const isOld = known.some((version) => isDeepStrictEqual(value(version), value(copy)));
  if (copy === undefined || others.length > 0 || !isOld) throw new Error(`${ID}: the old value was not brought back`);
  say(`   ${ID}: the old value in a new version, its permission enabled again`);
}

const holdings = ({ sandbox, company }: Stage) =>
  holdingsOf(sandbox, company.credentials.find(({ id }) => id === ID)?.secret ?? '');

const values = (stage: Stage): readonly string[] => holdings(stage).answers;
