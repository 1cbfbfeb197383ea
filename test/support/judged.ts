import { auditLab } from './lab-audit';
import { recover } from './recovery';
import type { Lab } from './rotation-lab';
import { DAY } from './situations';

/**
 * Sweeps run to the end; all is judged at once, again when the grace period is over, and again when calls whose answer was
 * given up on have taken effect after all.
 */
export async function judged(lab: Lab, where: string, later: readonly (() => unknown)[] = []): Promise<void> {
  await recover(lab);
  const found = auditLab(lab, { afterGrace: false });
  if (later.length > 0) {
    for (const effect of later) takeEffect(effect);
    await recover(lab);
    found.push(...auditLab(lab, { afterGrace: false }));
  }
  lab.world.clock.advance(2 * DAY);
  await recover(lab);
  found.push(...auditLab(lab, { afterGrace: true }));
  if (found.length === 0) return;
  const calls = lab.world.calls.slice(-40).join(' ');
  throw new Error(`${where}: ${[...new Set(found)].join('; ')} [${calls}]`);
}

function takeEffect(effect: () => unknown): void {
  try {
    effect();
  } catch {
    // refused by now: another version stands there, or another label was moved
  }
}
