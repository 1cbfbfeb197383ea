import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A secret string that prints as `[redacted]` wherever it is turned into text: template strings, JSON, util.inspect,
 * pino, BullMQ. Only `reveal()` gives the value, so every place that does can be found by that word.
 */
export class Sensitive {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
