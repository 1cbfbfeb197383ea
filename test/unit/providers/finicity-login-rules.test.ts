import { mayLogIn, type SeenLedger } from '../../../src/providers/finicity-login-rules';

const now = Date.parse('2030-01-01T00:00:00Z');
const TIMEOUT_MS = 20_000;
const clean: SeenLedger = {
  currentVersion: 'v2',
  proven: 'v2',
  loginOpen: undefined,
  changing: false,
  blocked: undefined,
};
const decide = (seen: Partial<SeenLedger>) => mayLogIn({ ...clean, ...seen }, now, TIMEOUT_MS);

it('logs in with the version that has logged in before', () => {
  expect(decide({})).toEqual({ may: 'log-in', version: 'v2' });
});

it.each([undefined, 'v1'])('tries a version that has not (proven: %p)', (proven) => {
  expect(decide({ proven })).toEqual({ may: 'try', version: 'v2' });
});

it('stops where a person is asked for, whatever else is seen', () => {
  expect(decide({ blocked: 'why', loginOpen: now })).toEqual({ may: 'stop', reason: 'why', unwritten: false });
});

it.each([0, 1_000, 50_000, -50_000])('waits while a login that began %i ms ago may be under way', (ago) => {
  expect(decide({ loginOpen: now - ago, proven: undefined })).toMatchObject({ may: 'wait' });
});

it.each([50_001, 86_400_000, -50_001])('counts a login that began %i ms ago as refused', (ago) => {
  expect(decide({ loginOpen: now - ago })).toMatchObject({ may: 'stop', unwritten: true });
});

it('waits while another value is staged, proven or not', () => {
  for (const proven of ['v2', undefined])
    expect(decide({ changing: true, proven })).toMatchObject({ may: 'wait', for: 'change' });
});

it('stops where no secret is stored', () => {
  expect(decide({ currentVersion: undefined, proven: undefined })).toMatchObject({ may: 'stop', unwritten: false });
});
