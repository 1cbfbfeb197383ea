import { auditLab } from './lab-audit';
import { type Broken, count } from './proof';
import { recover } from './recovery';
import type { AnyLab } from './rotation-lab';
import { DAY } from './situations';

const MOST_GRACES = 4;

/**
 * Sweeps run to the end; all is judged at once, again when the grace period is over, and again when calls whose answer was
 * given up on have taken effect after all.
 */
export async function judged(lab: AnyLab, where: string, later: readonly (() => unknown)[] = []): Promise<void> {
  await recover(lab);
  const found = auditLab(lab, { afterGrace: false });
  if (later.length > 0) {
    for (const effect of later) await takeEffect(effect);
    await recover(lab);
    found.push(...auditLab(lab, { afterGrace: false }));
  }
  await outlastGraces(lab);
  found.push(...auditLab(lab, { afterGrace: true }));
  if (found.length === 0) return;
  for (const broken of new Set(found.flatMap(brokenBy))) count(broken);
  const calls = lab.world.calls.slice(-40).join(' ');
  throw new Error(`${where}: ${[...new Set(found)].join('; ')} [${calls}]`);
}

/** What had to wait for a grace promotes when that is over: then another begins. */
async function outlastGraces(lab: AnyLab): Promise<void> {
  for (let n = 0; n < MOST_GRACES; n += 1) {
    const before = lab.holder('AWSCURRENT');
    lab.world.clock.advance(2 * DAY);
    await recover(lab);
    if (lab.holder('AWSCURRENT') === before) return;
  }
}

/** P4 and blocks are failures, but of none of the four promises. */
function brokenBy(finding: string): readonly Broken[] {
  if (/^P[156]/.test(finding)) return ['lost'];
  if (finding.startsWith('P2')) return ['leaked'];
  if (finding.startsWith('P3')) return ['issued twice'];
  return finding.startsWith('logged') ? ['seen'] : [];
}

async function takeEffect(effect: () => unknown): Promise<void> {
  try {
    await effect();
  } catch {
    // refused by now: another version stands there, or another label was moved
  }
}
