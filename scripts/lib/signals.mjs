import { constants } from 'node:os';

/**
 * Who gets SIGINT and SIGTERM. Unless a program runs that wants them, they end the script by `process.exit`, because only
 * that runs the `exit` listeners which take our Redis and its folder away.
 */
let receive = (signal) => process.exit(exitCodeOf(signal));

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => receive(signal));

/** Sends the signals to this receiver until the function that is given back is called. */
export function sendSignalsTo(receiver) {
  const before = receive;
  receive = receiver;
  return () => {
    receive = before;
  };
}

/** Like a shell: a program that a signal ended has 128 and the signal's number as its exit code. */
export function exitCodeOf(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}
