import { parseJson } from '../http/wire';
import { issues } from './check-request';
import { facts, type Operation } from './operations';
import type { AnswerFact } from './types';

/** What a vendor, or its stand-in, answered. */
export interface GivenAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

/** Says in which ways an answer departs from the vendor's pages; an empty list where one documented shape fits. */
export function checkAnswer(operation: Operation, given: GivenAnswer): string[] {
  const documented = facts[operation].answers[given.status];
  if (documented === undefined) return [`status ${given.status}: not documented`];
  const perShape = documented.map((shape) => checkShape(shape, given));
  return perShape.find((deviations) => deviations.length === 0) ?? perShape.flat();
}

function checkShape(shape: AnswerFact, given: GivenAnswer): string[] {
  if (shape.body === null) return given.body === '' ? [] : [`${shape.source}: the body should be empty`];
  if (shape.contentType !== null && given.contentType?.startsWith(shape.contentType) !== true) {
    return [`${shape.source}: the content type should be ${shape.contentType}`];
  }
  const value = shape.contentType === 'application/json' ? parseJson(given.body) : given.body;
  return issues(shape.source, shape.body, value);
}
