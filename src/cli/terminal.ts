import { read } from 'read';
import { CancelledError } from '../errors';

/** Can somebody be asked? Prompts go to standard error, so that a result can be redirected. */
export const isTerminal = (): boolean => process.stdin.isTTY === true;

/** Reads one line that is not shown, not while it is typed nor afterwards. @throws CancelledError */
export async function askSecretly(prompt: string): Promise<string> {
  return askLine(`${prompt} (not shown):`, true);
}

/** @throws CancelledError */
export async function confirmed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askLine(`${question} [y/N]`, false));
}

/**
 * `terminal: true`: else a redirected standard error would make `read` leave the echo to the terminal. Ctrl-D closes the
 * input without a word from `read` (measured with 4.1), which would wait for good: the input that rests tells.
 */
async function askLine(prompt: string, silent: boolean): Promise<string> {
  const { stdin: input, stderr: output } = process;
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new CancelledError('Cancelled: nothing was changed.'));
    const onPause = (): void => void setImmediate(cancel); // after a line it rests too: that has been taken by then
    input.once('pause', onPause);
    void read({ prompt, silent, terminal: true, input, output })
      .then(resolve, cancel)
      .finally(() => {
        input.off('pause', onPause);
        if (silent) output.write('\n');
      });
  });
}
