import { type Logger, pino } from 'pino';
import type { LogLevel } from './config';
import { RotationError } from './errors';
import type { Log } from './types';

/** JSON lines on standard output. */
export const rootLogger = (level: LogLevel): Logger =>
  pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });

/** Whoever logs gives fields that are safe by construction: no error object, body, header or URL comes this way. */
export function logOn(logger: Logger, fields: Readonly<Record<string, unknown>> = {}): Log {
  const child = logger.child(fields);
  return {
    info: (more, message) => child.info(more, message),
    warn: (more, message) => child.warn(more, message),
    alarm: (name, more, message) => child.error({ alarm: name, ...more }, message),
  };
}

/** Of our own errors their code, message and safe fields; of all others only the name: their messages may quote anything. */
export function safeError(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof RotationError) return { error: error.code, detail: error.message, ...error.fields };
  return { error: error instanceof Error ? error.name : 'unknown' };
}
