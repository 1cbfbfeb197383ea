import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type OwnProcess, startNode } from './processes';
import { until } from './until';

const lineSchema = z.looseObject({ level: z.number(), msg: z.string(), alarm: z.string().optional() });
/** One line of the worker's log, as pino wrote it. */
export type LogLine = z.infer<typeof lineSchema>;
type Wanted = Readonly<Record<string, unknown>>;

export interface WorkerProcess extends OwnProcess {
  /** The lines so far that carry all of these fields. */
  lines(wanted?: Wanted): readonly LogLine[];
  /** Waits for a line that carries all of these fields, and gives the first one. */
  logged(wanted: Wanted): Promise<LogLine>;
}

const WORKER = join(__dirname, '../../jobs/worker.js');
const WITHIN_MS = 30_000;

/** For processes that talk to the stand-in, wherever the test runs. */
export const FALSE_CREDENTIALS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Starts `npm start`'s process with this environment, its admin server on a free port, and waits for nothing. */
export function startWorkerProcess(
  env: Readonly<Record<string, string | undefined>>,
  { cwd }: { readonly cwd?: string } = {},
): WorkerProcess {
  const given = { env: { ...FALSE_CREDENTIALS, ADMIN_PORT: '0', ...env } };
  const process = startNode(WORKER, cwd === undefined ? given : { ...given, cwd });
  const lines = (wanted: Wanted = {}): LogLine[] => parsed(process.stdout()).filter((line) => carries(line, wanted));
  return {
    ...process,
    get pid() {
      return process.pid;
    },
    lines,
    async logged(wanted) {
      const what = () => `the line ${JSON.stringify(wanted)} in:\n${process.stdout()}${process.stderr()}`;
      const [line] = await until(() => nonEmpty(lines(wanted)), { withinMs: WITHIN_MS, what });
      if (line === undefined) throw new Error('unreachable: the list was not empty');
      return line;
    },
  };
}

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

/** Whole lines only; what is not JSON would be a bug of its own, which the tests of the log look for. */
function parsed(output: string): LogLine[] {
  return output
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (line.startsWith('{') ? [lineSchema.parse(JSON.parse(line))] : []));
}

const carries = (line: LogLine, wanted: Wanted): boolean =>
  Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(line[key], value));
