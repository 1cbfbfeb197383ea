import { styleText } from 'node:util';
import type { Log } from '../types';

// Results go to standard output, everything else to standard error.

export type Colour = 'green' | 'blue' | 'cyan' | 'yellow' | 'red' | 'bold' | 'dim';

const hasColour = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

export const paint = (colour: Colour, text: string): string => (hasColour() ? styleText(colour, text) : text);

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What the worker would log, for a person: alarms and warnings, and with `verbose` every step. */
export const logForPeople = (verbose: boolean): Log => {
  const line = (fields: object, text: string): void =>
    say(verbose ? `${text} ${JSON.stringify(fields)}` : `${text}${reasonIn(fields)}`);
  return {
    info: (fields, text) => {
      if (verbose) line(fields, text);
    },
    warn: line,
    alarm: (name, fields, text) => line(fields, `alarm ${name}: ${text}`),
  };
};

function reasonIn(fields: object): string {
  const { reason }: { reason?: unknown } = fields;
  return typeof reason === 'string' ? ` (${reason})` : '';
}
