// The world outside the worker: one secret in Secrets Manager, one credential at one provider, as plain data.
// Parts of a state are replaced, never changed, so that states share them.
//
// s.L     labels: C AWSCURRENT, P AWSPREVIOUS, N AWSPENDING, R the version named by the tag rotation:revoked -> version id
// s.v     version id -> {t:'val', g, base} | {t:'int', r, base} | {t:'tomb', why, base} | {t:'try'}; stays readable without label
//         g: the grant in the value; base: the version that was AWSCURRENT when the attempt began; r: the attempt
// s.T     tags: attempts listed as suspected orphans, 'blocked', 'adopted'; s.wish: version whose grant is to go without grace (tag)
// s.live  live grants at the provider -> attempt that issued them; s.ng, s.n: counters for grants and attempts
// s.due   the version that is due now; s.dues: every version that has been due; s.grace: AWSPREVIOUS is past its grace
// s.ok    attempts issued while AWSCURRENT was dead, or as a declared repair (they may replace a version not due)
// s.late  calls whose answer was given up on and which may still take effect
// s.a     running processes; s.b: what is left of each fault budget; s.old: labels before the last two writes (stale reads)

export const KINDS = {
  'in-place': { issue: 'replace', verify: true, revoke: false },
  overlap: { issue: 'add', verify: false, revoke: true },
  same: { issue: 'same', verify: false, revoke: true },
  replace: { issue: 'replace', verify: false, revoke: true },
  chosen: { issue: 'choose', verify: true, revoke: false, keepsOld: false },
  'chosen+grace': { issue: 'choose', verify: true, revoke: false, keepsOld: true },
  extend: { issue: 'extend', verify: false, revoke: true },
};

const texts = new WeakMap(); // parts never change, so their text is made once
function text(part, make) {
  if (!texts.has(part)) texts.set(part, make(part));
  return texts.get(part);
}
const inOrder = (o) =>
  Object.keys(o)
    .map((k) => k + JSON.stringify(o[k]))
    .join('');
const sorted = (o) =>
  Object.keys(o)
    .sort()
    .map((k) => k + JSON.stringify(o[k]))
    .join('');
const MEMORY = [
  'is',
  'pc',
  'job',
  'x',
  'r',
  'base',
  'seen',
  'g',
  'cg',
  'pg',
  'P',
  'R',
  'N',
  'why',
  'amb',
  'mine',
  'applied',
  'checked',
  'heal',
  'beaten',
  'untag',
  'after',
  'comp',
  'tries',
  'copy',
  'slot',
  'refused',
  'or',
  'ob',
  'oc',
  'found',
];
const processText = (me) => text(me, () => MEMORY.map((m) => me[m] ?? '').join());
const labels = (L) => `${L.C},${L.P},${L.N},${L.R}`;

export const worldKey = (s) =>
  `${text(s.L, labels)}|${text(s.v, inOrder)}|${text(s.live, sorted)}|${s.T}|${s.ng},${s.n},${s.due},${s.dues},${s.grace},${s.ok},${s.strikes},${s.wish},${s.undone}`;
export const stateKey = (s) =>
  `${worldKey(s)}|${s.late.map((e) => e.r)}|${Object.values(s.b)}|${(s.old ?? []).map((o) => labels(o.L) + o.T)}|${s.a.map(processText).sort().join('|')}`;

export const absent = (content) => !content || content.t === 'int';
export const current = (s) => (absent(s.v[s.L.C]) ? 'none' : s.L.C);
export const works = (s, content) => content?.t === 'val' && content.g in s.live;
export const spend = (s, budget) => ({ ...s, b: { ...s.b, [budget]: s.b[budget] - 1 } });
const num = (g) => Number(g.slice(1));
const without = (o, key) => Object.fromEntries(Object.entries(o).filter(([k]) => k !== key));

function describe(s, { L, T } = s) {
  const d = { ...L, T, wish: s.wish, due: s.due, grace: s.grace, c: s.v[L.C], p: s.v[L.P], n: s.v[L.N] };
  d.young = s.b.zombies === 0 && s.a.some((x) => x.r && x.r === (d.n?.t === 'int' ? d.n.r : d.N));
  return d;
}

function issue(s, e, kind) {
  if (!works(s, s.v[s.L.C]) || e.heal) s.ok = [...s.ok, e.r];
  const fresh = `g${s.ng}`,
    last = Object.keys(s.live)
      .sort((a, b) => num(a) - num(b))
      .at(-1);
  if (kind.issue === 'extend') return last ?? fresh;
  if (kind.issue === 'same' && last) return last;
  s.ng += 1;
  if (kind.issue === 'choose') return fresh; // nothing happens at the provider yet
  s.live = kind.issue === 'replace' ? { [fresh]: e.r } : { ...s.live, [fresh]: e.r };
  return fresh;
}

/** Performs effect `e` on the copy `s`, pushes broken properties to `bad`, returns the answer. */
export function perform(s, e, kind, bad) {
  if (s.b.stale && ['put', 'cas', 'tag', 'untag'].includes(e.do))
    s.old = [{ L: s.L, T: s.T }, ...(s.old ?? [])].slice(0, 2);
  switch (e.do) {
    case 'describe':
      return describe(s);
    case 'put': {
      const there = s.v[e.id];
      if (there) return !e.create && JSON.stringify(there) === JSON.stringify(e.val) ? 'ok' : there;
      s.v = { ...s.v, [e.id]: e.val };
      if (e.create) return 'ok'; // under a label of its own
      s.L = { ...s.L, C: s.L.C ?? e.id, N: e.id }; // the first value becomes AWSCURRENT whatever was asked for
      return 'ok';
    }
    case 'cas': {
      if ((s.L[e.label] ?? null) !== (e.from ?? null)) return 'moved';
      if (e.label === 'C') promote(s, e.to, bad, e.undo);
      else s.L = { ...s.L, [e.label]: e.to };
      return 'ok';
    }
    case 'mark':
      s.L = { ...s.L, R: e.to };
      return 'ok'; // a tag, written over whatever it said
    case 'history':
      return { versions: Object.entries(s.v), L: s.L };
    case 'tag':
      s.T = e.single ? [e.r] : [...new Set([...s.T, e.r])].sort();
      return 'ok';
    case 'untag':
      s.T = s.T.filter((r) => r !== e.r);
      return 'ok';
    case 'issue':
      return issue(s, e, kind);
    case 'apply': {
      if (!(e.from in s.live)) {
        s.strikes += 1;
        return 'refused';
      }
      s.live = kind.keepsOld ? { [e.from]: s.live[e.from], [e.g]: e.r } : { [e.g]: e.r };
      return 'ok';
    }
    case 'verify':
      if (e.g in s.live) return 'ok';
      s.strikes += kind.issue === 'choose';
      return 'refused';
    case 'revoke': {
      const next = s.v[s.L.N],
        promotable = next?.t === 'val' && next.base === s.L.C ? next.g : null;
      if (e.g in s.live && [s.v[s.L.C]?.g, promotable].includes(e.g))
        bad.push('P5 revoked a grant that AWSCURRENT or a promotable AWSPENDING holds');
      s.live = without(s.live, e.g);
      if (s.wish && s.v[s.wish].g === e.g) s.wish = null;
      return 'ok';
    }
    case 'reinstate':
      s.live = { ...s.live, [e.g]: s.live[e.g] ?? 'reinstated' };
      return 'ok';
    case 'choose':
    case 'wait':
      return 'ok';
  }
  throw new Error(e.do);
}

function promote(s, to, bad, undo) {
  const cur = s.v[s.L.C],
    next = s.v[to];
  if (!absent(cur) && !next.copy && !undo) {
    if (!s.dues.includes(s.L.C) && !s.ok.includes(to)) bad.push('P3 promoted over a version that was not due');
    if (next.g && num(next.g) < num(cur.g) && works(s, cur))
      bad.push('P6 promoted an older grant over a newer, working one');
  }
  s.L = { ...s.L, C: to, P: s.L.C };
  s.grace = false;
}

/** Every way in which effect `e` can end: {s, answer, note, bad}. */
export function outcomes(s, e, kind) {
  const out = [];
  const branch = (budget, act, note) => {
    const t = budget ? spend(s, budget) : { ...s },
      bad = [];
    out.push({ answer: act(t, bad), s: t, note, bad });
  };
  const effect = (t, bad) => perform(t, e, kind, bad);
  branch(null, effect, '');
  if (e.do === 'choose') branch(null, () => 'give up', '');
  if (e.do === 'describe' && s.b.stale)
    for (const old of s.old ?? []) branch('stale', (t) => describe(t, old), 'STALE ');
  // A lost answer of a step that is repeated as it was and cannot notice (intent, tombstone, tag, revoke) changes nothing: left out.
  const unsure = e.do === 'issue' || e.do === 'apply' || e.stage;
  if (s.b.lost && (unsure || e.label === 'C'))
    branch(
      'lost',
      (t, bad) => {
        effect(t, bad);
        return '?';
      },
      'DONE, ANSWER LOST',
    );
  if (s.b.lost && unsure) branch('lost', () => '?', 'NOT DONE, NO ANSWER');
  if (s.b.no && unsure) branch('no', () => 'no', 'REFUSED');
  if (s.b.late && (e.do === 'issue' || e.stage))
    branch(
      'late',
      (t) => {
        t.late = [...t.late, e];
        return '?';
      },
      'NO ANSWER, STILL ON ITS WAY',
    );
  return out;
}
