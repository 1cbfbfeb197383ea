import type { Row } from './fleet';
import { type LogLines, makeLogLines } from './log-lines';
import { openScreen, type Screen } from './screen';
import { renderTable } from './table';
import type { DemoWorker } from './worker';

/** What the audience sees: lines of the story, and below them the fleet and the worker's log, alive. */
export interface Display {
  /** A line that stays, with the time since the start. */
  say(line: string): void;
  /** Prints the frame where nobody sees it live. */
  endScene(): void;
  readonly log: LogLines;
  /** Draws for the last time; what is said from now on comes below. */
  close(): void;
}

const DRAW_EVERY_MS = 250;
/** Rows that a small terminal keeps for the story, and how many lines of the log are shown. */
const STORY_ROWS = 6;
const LOG_ROWS = { fewest: 3, most: 8 } as const;

interface Shown {
  readonly worker: DemoWorker;
  readonly fleet: () => readonly Row[];
}

export function openDisplay(shown: Shown, screen: Screen = openScreen()): Display {
  const began = performance.now();
  const log = makeLogLines(screen.colour);
  const elapsed = (): string => `${Math.round((performance.now() - began) / 1000)}s`.padStart(4);
  const frame = (): string => frameOf(shown, elapsed(), log, screen);
  let closed = false;
  const ticker = setInterval(() => screen.draw(frame()), DRAW_EVERY_MS);
  return {
    say: (line) => screen.say(`${elapsed()}  ${line}`),
    endScene: () => screen.draw(frame(), { endsScene: true }),
    log,
    close() {
      if (closed) return;
      closed = true;
      clearInterval(ticker);
      screen.draw(frame(), { endsScene: true });
      screen.settle();
    },
  };
}

function frameOf({ worker, fleet }: Shown, elapsed: string, log: LogLines, { colour, rows }: Screen): string {
  log.read(worker.log());
  const top = [`${elapsed}  ${worker.status()}`, ...renderTable(fleet(), Date.now(), colour).split('\n')];
  const room = rows - STORY_ROWS - top.length - 1;
  const shown = log.last(Math.max(LOG_ROWS.fewest, Math.min(LOG_ROWS.most, room)));
  return [...top, "the worker's log, shortened:", ...shown].join('\n');
}
