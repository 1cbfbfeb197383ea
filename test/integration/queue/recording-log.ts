import type { Log } from '../../../src/types';

export interface RecordingLog extends Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[];
}

export function recordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  return {
    lines,
    info: (fields, message) => void lines.push({ level: 'info', message, fields }),
    warn: (fields, message) => void lines.push({ level: 'warn', message, fields }),
    alarm: (name, fields, message) => void lines.push({ level: 'alarm', message, fields: { ...fields, alarm: name } }),
  };
}
