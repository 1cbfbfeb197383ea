import { type Sandbox, startSandbox } from '../start';

/** A sandbox for one test file, empty before every test; given by a function because it starts in `beforeAll`. */
export function sandboxForSuite(): () => Sandbox {
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(() => sandbox?.control.reset());
  afterAll(() => sandbox?.stop());
  return () => {
    if (sandbox === undefined) throw new Error('the sandbox has not started');
    return sandbox;
  };
}
