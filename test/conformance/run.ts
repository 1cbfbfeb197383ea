/**
 * Holds an AWS Secrets Manager endpoint to the cases:
 *
 *   npm run test:conformance -- ENDPOINT [--only REGEX] [--json FILE] [--settle SECONDS]
 *
 * ENDPOINT is a URL: an emulator's, or https://secretsmanager.<region>.amazonaws.com, for which the environment's AWS credentials are
 * used, and a customer KMS key from CONFORMANCE_KMS_KEY. Makes some 450 secrets under names of its own and deletes them at the end. A
 * line per case, PASS, FAIL or INFO; exit status 1 when one fails, 2 when it could not run.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Case } from './case';
import { cases } from './cases';
import { explain } from './expect';
import { makeSubject, type Subject } from './subject';

interface Result extends Pick<Case, 'id' | 'basis' | 'text'> {
  readonly status: 'PASS' | 'FAIL' | 'INFO';
  readonly note: string;
}

async function runCase({ id, basis, text, informs, run }: Case, subject: Subject): Promise<Result> {
  try {
    const note = await run(subject);
    return { id, basis, text, status: informs ? 'INFO' : 'PASS', note: typeof note === 'string' ? note : '' };
  } catch (error) {
    return { id, basis, text, status: 'FAIL', note: explain(error) };
  }
}

function print({ status, id, basis, text, note }: Result): void {
  console.log(`${status}  ${id.padEnd(36)} [${basis}] ${text}${note && `\n        -> ${note}`}`);
}

async function runAll(endpoint: string, only: RegExp, settleMs: number): Promise<Result[]> {
  const subject = makeSubject(endpoint, settleMs);
  const results: Result[] = [];
  console.log(`the secrets of this run are named ${subject.run}/...`);
  try {
    for (const one of cases.filter(({ id }) => only.test(id))) {
      const result = await runCase(one, subject);
      print(result);
      results.push(result);
    }
  } finally {
    await subject.clear();
  }
  return results;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      settle: { type: 'string', default: '5' },
    },
  });
  const [endpoint] = positionals;
  if (endpoint === undefined || !URL.canParse(endpoint)) {
    console.error(`ENDPOINT must be a URL, not ${endpoint}`);
    return 2;
  }
  const begun = Date.now();
  const results = await runAll(endpoint, new RegExp(values.only), Number(values.settle) * 1000);
  const count = (status: Result['status']) => results.filter((result) => result.status === status).length;
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  console.log(
    `\n${count('PASS')} PASS, ${count('FAIL')} FAIL, ${count('INFO')} INFO in ${seconds} s against ${endpoint}`,
  );
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ endpoint, results }, null, 1));
  return count('FAIL') > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
