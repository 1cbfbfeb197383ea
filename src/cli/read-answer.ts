import { UsageError } from '../errors';
import type { VendorAnswer } from '../provider';
import { fieldsToImport, missingFields } from '../stored-value';
import type { Credential } from '../types';
import { say } from './output';
import { askSecretly, isTerminal } from './terminal';

const LONGEST_INPUT_BYTES = 65_536;

/**
 * The value that a person has obtained, under the vendor's names: asked field by field on a terminal, else a JSON object
 * on standard input. No error repeats any of it.
 * @throws UsageError
 */
export async function readAnswer(credential: Credential): Promise<VendorAnswer> {
  const answer = isTerminal() ? await askForAnswer(credential) : answerIn(await standardInput());
  const missing = missingFields(credential, answer);
  if (missing.length === 0) return answer;
  const fields = missing.map((field) => `"${field}"`).join(', ');
  throw new UsageError(`The value lacks ${fields}: a ${credential.kind} is stored with them. Nothing was changed.`);
}

/** What is nested is given whole. */
async function askForAnswer(credential: Credential): Promise<VendorAnswer> {
  const fields = fieldsToImport(credential);
  if (fields.some((field) => field.includes('.'))) {
    say(`A ${credential.kind} is given as the vendor answered it: one JSON object, in one line.`);
    return answerIn(await askSecretly(credential.id));
  }
  const answer: Record<string, string> = {};
  for (const field of fields) answer[field] = (await askSecretly(`${credential.id} ${field}`)).trim();
  return answer;
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > LONGEST_INPUT_BYTES) throw new UsageError('Standard input is longer than Secrets Manager takes.');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerIn(text: string): VendorAnswer {
  if (text.trim() === '')
    throw new UsageError('Standard input is empty: give a JSON object, or call it on a terminal.');
  const answer = parsed(text);
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return { ...answer };
  throw new UsageError('The value is no JSON object: give it with the names of its fields, like { "name": "value" }.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes the text
  }
}
