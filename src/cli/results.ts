import type { Result, Wanted } from './asking';

/** What to do next after a request came to this; undefined where nothing is left to do. */
export function nextAfter({ credential, outcome, reason }: Result, { action, urgency }: Wanted): string | undefined {
  switch (outcome) {
    case 'sent':
      return `rotator status ${credential}, or send it with --wait`;
    case 'refused':
      return refusal(credential, reason, urgency);
    case 'failed':
      return /^(blocked|suspected):/.test(reason) ? `rotator resolve ${credential}` : `rotator status ${credential}`;
    case 'not-yet':
      return `rotator status ${credential}`;
    case 'rotated':
      return action === 'rotate' ? 'consumers read AWSCURRENT; the old one goes after its grace' : undefined;
    default:
      return undefined;
  }
}

function refusal(credential: string, reason: string, urgency: Wanted['urgency']): string {
  if (reason.includes('minimum interval') && urgency === 'compromised') return 'wait until then';
  if (reason.includes('minimum interval')) return `wait, or rotator rotate ${credential} --compromised`;
  if (reason.includes('urgency compromised') && !reason.includes('send revoke'))
    return `wait, or rotator rotate ${credential} --compromised`;
  if (reason.includes('send revoke'))
    return `wait, rotator revoke ${credential}, or rotator rotate ${credential} --compromised`;
  if (reason.startsWith('blocked')) return `rotator resolve ${credential}`;
  if (reason === 'unknown-credential') return 'the worker has another manifest: give it yours';
  return `rotator status ${credential}`;
}
