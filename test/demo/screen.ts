/** Lines that stay, and below them one frame that is drawn anew. */
export interface Screen {
  readonly colour: boolean;
  /** Rows that a frame may have. */
  readonly rows: number;
  say(line: string): void;
  /** On a terminal in place; elsewhere a frame is printed every few seconds, or at once where it ends a scene. */
  draw(frame: string, options?: { readonly endsScene: boolean }): void;
  /** Leaves the frame where it is: what is said from now on comes below it. */
  settle(): void;
}

const BETWEEN_FRAMES_MS = 10_000;
const ROWS_ELSEWHERE = 24;

interface Output {
  write(text: string): unknown;
  readonly isTTY: boolean;
  readonly rows: number;
}

export function openScreen(out: Output = process.stdout, env = process.env): Screen {
  return out.isTTY ? onTerminal(out, !env.NO_COLOR) : onPaper(out);
}

const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const CLEAR_TO_END_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

function onTerminal(out: Output, colour: boolean): Screen {
  let frame: readonly string[] = [];
  const show = (above: string, next: readonly string[]): void => {
    const up = frame.length === 0 ? '' : `\x1b[${frame.length}A\r`;
    // Written over, not cleared first: that would flicker, and some terminals keep what is cleared in their history.
    // Lines of the frame that are too long are cut by the terminal: a wrapped one would spoil the count of rows.
    const lines = next.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    out.write(`${up}${above}${NO_WRAP}${lines}${WRAP}${CLEAR_BELOW}`);
    frame = next;
  };
  return {
    colour,
    get rows() {
      return out.rows - 1;
    },
    say: (line) => show(`${line}${CLEAR_TO_END_OF_LINE}\n`, frame),
    draw: (next) => show('', next.split('\n').slice(0, out.rows - 1)),
    settle: () => {
      frame = [];
    },
  };
}

function onPaper(out: Output): Screen {
  let printedAt = performance.now();
  return {
    colour: false,
    rows: ROWS_ELSEWHERE,
    say: (line) => void out.write(`${line}\n`),
    draw(frame, { endsScene } = { endsScene: false }) {
      if (!endsScene && performance.now() - printedAt < BETWEEN_FRAMES_MS) return;
      printedAt = performance.now();
      out.write(`\n${frame}\n\n`);
    },
    settle: () => undefined,
  };
}
