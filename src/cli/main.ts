#!/usr/bin/env node
import { errorCode } from '../error-code';
import { runRotator } from './program';

/** Whoever reads us may have had enough (`rotator status | head`). */
process.stdout.on('error', (error) => {
  if (errorCode(error) !== 'EPIPE') throw error;
  process.exit();
});

void runRotator(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code;
});
