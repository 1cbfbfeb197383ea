import { z } from 'zod';
import { show } from './words';

const UNITS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
};
const DURATION = /^(\d{1,9})([smhdw])$/;
const MEND = 'write a whole number and one of s, m, h, d, w, like 30d, 36h or 90s';

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = DURATION.exec(text) ?? [];
  const unitMs = UNITS[unit];
  return unitMs === undefined ? undefined : Number(number) * unitMs;
}

/** As people write it: `30d`; in several units where one is not enough: `28m48s`. */
export function durationText(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitMs = UNITS[unit] ?? 1;
    const whole = Math.floor(rest / unitMs);
    if (whole > 0) parts.push(`${whole}${unit}`);
    rest -= whole * unitMs;
  }
  return parts.join('') || '0s';
}

/** A schema that reads `30d` as milliseconds and keeps the bounds. */
export function duration(least: string, most: string) {
  const [min = 0, max = Infinity] = [parseDuration(least), parseDuration(most)];
  return z
    .string({ error: ({ input }) => `${show(input)} is not a duration: ${MEND}` })
    .regex(DURATION, { error: ({ input }) => `${show(input)} is not a duration: ${MEND}` })
    .transform((text, context) => {
      const ms = parseDuration(text) ?? 0;
      if (ms < min) context.addIssue({ code: 'custom', message: `${text} is too short: at least ${least}` });
      if (ms > max) context.addIssue({ code: 'custom', message: `${text} is too long: at most ${most}` });
      return ms;
    });
}
