import { NotPermittedError, ProviderAuthError, ProviderThrottledError } from '../../src/errors';
import { settle } from '../../src/revocation';
import { rollback } from '../../src/rollback';
import { rotate } from '../../src/rotation';
import { tag } from '../../src/rotation-tags';
import { type Effect, faulty, type Gate, holding, onNth, open, promotes, putsValue, verb } from '../support/gates';
import { AUTH, at, DAY, diesBefore, FINICITY, HOUR, MINUTE, OUTBOUND } from '../support/lab-steps';
import { AT_ONCE, partnerLab } from '../support/partner-situations';
import { personAt } from '../support/person';
import type { Lab } from '../support/rotation-lab';
import { compromise, ROLLBACKS, started } from '../support/situations';
import { told } from '../support/told';

// Every step is told with its name and in named fields: metrics count them, alarms name them, people search for them.

const rotating = (lab: Lab, gate: Gate = open) => {
  const version = lab.due();
  return told(lab.context(gate), (context) => rotate(context, { version, wish: 'none' }));
};
const settling = (lab: Lab, gate: Gate = open) =>
  told(lab.context(gate), (context) => settle(context, { graceEnded: false }));
const failing =
  (error: () => Error, applies: (effect: Effect) => boolean): Gate =>
  (effect, perform) =>
    applies(effect) ? Promise.reject(error()) : Promise.resolve(perform());

const intent = (call: string, base = 'a-value') =>
  `info step=intent call=${call} rotation=a-rotation version=a-value base=${base}`;
const staged = (call: string) => `info step=stage call=${call} rotation=a-rotation version=a-value storedMs=5`;
const answered = (call: string) => `info step=${call} rotation=a-rotation durationMs=0 reason=answered`;
const verified = (reason: string) => `info step=verify rotation=a-rotation reason=${reason}`;
const promoted = (reason: string) => `info step=promote rotation=a-rotation version=a-value reason=${reason}`;
const attempted = (call: string, reason: string, base?: string) => [
  ...[intent(call, base), answered(call), staged(call), verified(reason), promoted(reason)],
];

describe('a rotation', () => {
  test('of a new secret', async () => {
    const lab = await at(AUTH, 'a new secret');
    expect(await rotating(lab)).toEqual(['info step=create', ...attempted('issue', 'unverified', 'an-intent')]);
  });

  test('of an empty secret', async () => {
    const lab = await at(AUTH, 'an empty secret');
    expect(await rotating(lab)).toEqual(['info step=create', ...attempted('issue', 'unverified', 'an-intent')]);
  });

  test('of a kind that can be verified', async () => {
    expect(await rotating(await at(OUTBOUND, 'due'))).toEqual(attempted('issue', 'verified'));
  });

  test('that extends a receipt', async () => {
    const lab = await at({ ...FINICITY, policy: { renewal: 'extend' } }, 'due');
    expect(await rotating(lab)).toEqual(attempted('renew', 'unverified'));
  });

  test('that goes on with a staged value', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    expect(await rotating(lab)).toEqual([
      'info step=resume rotation=a-rotation version=a-value',
      verified('unverified'),
      promoted('unverified'),
    ]);
  });

  test('after a person took AWSPENDING away', async () => {
    const lab = await at(AUTH, 'due');
    personAt(lab).takesAway('AWSPENDING');
    expect(await rotating(lab)).toEqual(['info step=put-back version=a-value', ...attempted('issue', 'unverified')]);
  });

  test('that clears the way', async () => {
    const lab = await at(AUTH, 'due, AWSPREVIOUS past its grace');
    expect(await rotating(lab)).toEqual([
      'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=revoked',
      'info step=settle version=a-value reason=revoked',
      ...attempted('issue', 'unverified'),
    ]);
  });

  test('of a partner secret', async () => {
    expect(await rotating(await partnerLab(AT_ONCE, 'due'))).toEqual([
      intent('choose', "another's"),
      answered('choose'),
      staged('choose'),
      'info step=change version=a-value immediate=false reason=changed durationMs=0',
      'info step=login version=a-value try=1 reason=works',
      promoted('verified'),
    ]);
  });

  test('of a dead AWSCURRENT', async () => {
    const lab = await at(OUTBOUND, 'on demand');
    personAt(lab).tags(...entryOf(tag.suspect('0'.repeat(32), 'never')));
    lab.vendor.ends(lab.grantOn('AWSCURRENT') ?? '');
    expect(await rotating(lab)).toEqual(['alarm current-refused version=a-value', ...attempted('issue', 'verified')]);
  });
});

describe('an attempt that fails', () => {
  const givenUp = (reason: string, failures: number) =>
    `step=give-up call=issue rotation=a-rotation reason=${reason} failures=${failures}`;
  const without = (reason: string, more: string) =>
    `warn step=issue rotation=a-rotation durationMs=0 reason=${reason} ${more}`;

  test('is refused', async () => {
    const lines = await rotating(await at(AUTH, 'due'), faulty(onNth(1, 'refused', verb('issue'))));
    expect(lines).toEqual([
      intent('issue'),
      without('refused', 'code=provider-rejected'),
      `alarm attempt-failed ${givenUp('refused', 1)}`,
    ]);
  });

  test('has an unknown outcome', async () => {
    const lines = await rotating(await at(AUTH, 'due'), faulty(onNth(1, 'lost-after', verb('issue'))));
    expect(lines).toEqual([
      intent('issue'),
      without('outcome-unknown', 'code=outcome-unknown'),
      `alarm attempt-failed ${givenUp('outcome-unknown', 1)}`,
      'alarm suspected-orphan rotation=a-rotation grant=undefined until=never',
    ]);
  });

  test('did nothing, as the vendor said', async () => {
    const throttled = () => new ProviderThrottledError('slower', {}, 2 * HOUR);
    const lab = await at(AUTH, 'due');
    const lines = await rotating(lab, failing(throttled, verb('issue')));
    expect(lines.slice(0, 3)).toEqual([
      intent('issue'),
      expect.stringContaining(without('not-done', 'code=provider-throttled')),
      `info ${givenUp('not-done', 0)}`,
    ]);
    const { outcome, reason, retryAt = 0 } = await lab.rotate();
    expect([outcome, reason]).toEqual(['waits', 'backing-off']);
    expect(Math.round((retryAt - lab.world.clock.now()) / MINUTE)).toBe(120);
  });

  test("did nothing, since the worker's own credential was refused", async () => {
    const refused = () => new ProviderAuthError('the app key is wrong', { status: 403 });
    const lines = await rotating(await at(AUTH, 'due'), failing(refused, verb('issue')));
    expect(lines.slice(0, 4)).toEqual([
      intent('issue'),
      without('not-done', 'code=own-credential-refused status=403'),
      'alarm own-credential-refused code=own-credential-refused status=403',
      `info ${givenUp('not-done', 0)}`,
    ]);
  });

  test('is refused for the fifth time', async () => {
    const lab = await at(AUTH, 'due');
    const gate = faulty((effect) => (verb('issue')(effect) ? 'refused' : undefined));
    const lines: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      lines.push(...(await rotating(lab, gate)));
      lab.world.clock.advance(2 * HOUR);
    }
    const reason = '5 attempts failed - the last one: refused';
    expect(lines.slice(-2)).toEqual([
      `alarm blocked reason=${reason}`,
      `alarm attempt-failed ${givenUp('refused', 5)}`,
    ]);
    expect(lab.tags().blocked).toBe(reason);
  });

  test('has a value that does not work', async () => {
    const lab = await at(OUTBOUND, 'due');
    const lines = await rotating(lab, async (effect, perform) =>
      verb('verify')(effect) ? ('refused' as never) : perform(),
    );
    expect(lines.slice(3, 6)).toEqual([
      verified('refused'),
      expect.stringMatching(/^alarm suspected-orphan rotation=a-rotation grant=undefined until=\d+$/),
      `alarm attempt-failed ${givenUp('value-refused', 1)}`,
    ]);
  });

  test('has a value that cannot be stored', async () => {
    const lab = await at(FINICITY, 'due');
    const never = faulty((effect) => (putsValue(effect) ? 'refused' : undefined));
    expect(await rotating(lab, never)).toEqual([
      intent('issue'),
      'alarm staging-failing rotation=a-rotation failure=access-denied',
      answered('issue'),
      'alarm staging-failing rotation=a-rotation call=issue answered=true',
      'info step=revoke rotation=a-rotation grant=a-fingerprint reason=revoked',
    ]);
  });

  test('was given up by another worker meanwhile', async () => {
    const lab = await at(AUTH, 'due');
    const { gate, held, release } = holding(putsValue);
    const lines = rotating(lab, gate);
    await held;
    lab.world.clock.advance(HOUR);
    await lab.rotate();
    release();
    expect((await lines).slice(1)).toEqual([
      expect.stringMatching(/^info step=issue rotation=a-rotation durationMs=\d+ reason=answered$/),
      'warn step=stage rotation=a-rotation grant=a-fingerprint reason=given-up-by-another-worker',
      'alarm suspected-orphan rotation=a-rotation grant=a-fingerprint until=never',
    ]);
  });
});

test('a value that the vendor knows and does not let in', async () => {
  const lab = await at(OUTBOUND, 'due');
  const notIn = () => new NotPermittedError('valid, and not permitted');
  expect((await rotating(lab, failing(notIn, verb('verify')))).slice(3)).toEqual([
    verified('not-permitted'),
    'alarm blocked version=a-value reason=valid-but-not-permitted',
  ]);
});

test('an answer that the entry cannot store: its grant is listed', async () => {
  const lab = await at(AUTH, 'due');
  lab.changeEntry({ value: { fields: { id: 'PermissionId' }, constants: { note: 'x'.repeat(70_000) } } });
  const lines = await rotating(lab);
  expect(lines.slice(1)).toEqual([
    'alarm staging-failing rotation=a-rotation reason=the value is longer than Secrets Manager takes',
    'alarm suspected-orphan rotation=a-rotation grant=a-fingerprint until=never',
    'alarm attempt-failed step=give-up call=issue rotation=a-rotation reason=outcome-unknown failures=1',
  ]);
});

describe('a revocation', () => {
  test('of a grant', async () => {
    expect(await settling(await at(AUTH, 'settling'))).toEqual([
      'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=revoked',
      'info step=settle version=a-value reason=revoked',
    ]);
  });

  test('without an answer', async () => {
    const lab = await at(AUTH, 'settling');
    const lost = faulty(onNth(1, 'lost-before', verb('revoke')));
    expect(await settling(lab, lost)).toEqual([
      'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=outcome-unknown',
    ]);
    expect(await settling(lab, faulty(onNth(1, 'lost-before', verb('revoke'))))).toEqual([
      'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=outcome-unknown',
      'alarm revocation-unanswered version=a-value reason=outcome-unknown',
    ]);
  });

  test('of a secret that was replaced, and lives on', async () => {
    const lab = await at({ ...OUTBOUND, behaviour: 'overlap' }, 'settling');
    expect(await settling(lab)).toEqual([
      'alarm old-secret-still-alive version=a-value',
      'info step=settle version=a-value reason=old-secret-still-alive',
    ]);
  });

  test('of a compromised grant that was answered again', async () => {
    const lab = await at({ ...AUTH, behaviour: 'same' }, 'settling');
    personAt(lab).tags(...entryOf(tag.compromised(lab.holder('AWSPREVIOUS') ?? '', lab.world.clock.now())));
    expect(await settling(lab)).toEqual([
      'alarm compromised-grant-answered-again version=a-value grant=a-fingerprint',
      'info step=settle version=a-value reason=provider-did-not-rotate',
    ]);
  });

  test('of a grant that was answered again, and is not compromised', async () => {
    expect(await settling(await at({ ...AUTH, behaviour: 'same' }, 'settling'))).toEqual([
      'info step=settle version=a-value reason=provider-did-not-rotate',
    ]);
  });

  test('of a value that lost its labels to a person', async () => {
    const lab = await at(AUTH, 'due');
    await diesBefore(lab, promotes);
    personAt(lab).takesAway('AWSPENDING');
    personAt(lab).putsValue();
    lab.world.clock.advance(MINUTE);
    expect((await rotating(lab)).slice(0, 3)).toEqual([
      'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=revoked',
      'info step=history version=a-value reason=revoked',
      "alarm foreign-version version=another's",
    ]);
  });
});

test('the end of a credential', async () => {
  const lab = await at(AUTH, 'on demand');
  lab.due();
  await lab.rotate({ wish: 'normal' });
  lab.changeEntry({ retired: { deleteSecret: true } });
  const ended = [
    'info step=revoke version=a-value grant=a-fingerprint durationMs=0 reason=revoked',
    'info step=settle version=a-value reason=revoked',
  ];
  expect(await settling(lab)).toEqual([
    'info step=retire version=a-value reason=to-be-revoked',
    ...ended,
    ...ended,
    'info step=retire reason=deletion-scheduled',
  ]);
  lab.reactivate();
  expect((await rotating(lab))[0]).toBe('info step=restore reason=was-retired');
});

test('a rollback', async () => {
  const [start] = Object.values(ROLLBACKS);
  if (start === undefined) throw new Error('no start');
  const lab = await started(AUTH, start);
  const version = lab.holder('AWSCURRENT') ?? '';
  lab.mayBeUndone.add(version);
  const lines = await told(lab.context(), (context) => rollback(context, { version }));
  expect(lines).toEqual([
    intent('copy'),
    'info step=copy rotation=a-rotation durationMs=25000 reason=answered',
    staged('copy'),
    'info step=reinstate rotation=a-rotation grant=a-fingerprint reason=enabled',
    verified('unverified'),
    promoted('unverified'),
  ]);
});

test('a partner secret that neither value opens', async () => {
  const lab = await partnerLab(AT_ONCE, 'due');
  const refuses: Gate = async (effect, perform) => (verb('login')(effect) ? (false as never) : perform());
  expect((await rotating(lab, refuses)).slice(4)).toEqual([
    'info step=login version=a-value try=1 reason=refused',
    'info step=login version=a-value try=2 reason=refused',
    'alarm login-refused version=a-value reason=neither the new value nor the current one is accepted',
  ]);
});

test('a compromised version is replaced within the grace of the one before', async () => {
  const lab = await at(AUTH, 'settling');
  await compromise(lab);
  lab.world.clock.advance(DAY);
  expect((await rotating(lab)).map((line) => line.split(' ')[1])).toEqual([
    ...['step=revoke', 'step=settle', 'step=intent', 'step=issue', 'step=stage', 'step=verify', 'step=promote'],
  ]);
});

const entryOf = (tags: Readonly<Record<string, string>>): [string, string] => {
  const [entry] = Object.entries(tags);
  if (entry === undefined) throw new Error('no tag');
  return entry;
};
