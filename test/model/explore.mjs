// Breadth-first search over all interleavings and faults, and the properties.
import { createHash } from 'node:crypto';
import { operator, revoker, worker } from './rotation.mjs';
import { absent, current, KINDS, outcomes, perform, spend, stateKey, works, worldKey } from './world.mjs';

const NO_FAULTS = {
  lost: 0,
  no: 0,
  crash: 0,
  stale: 0,
  late: 0,
  workers: 0,
  sweeps: 0,
  undo: 0,
  foreign: 0,
  detach: 0,
  dues: 0,
  zombies: 0,
};

export function initial({ start = 'fresh', kind, comp, budget }) {
  const s = {
    L: {},
    v: {},
    T: [],
    wish: null,
    live: {},
    ng: 1,
    n: 1,
    due: 'none',
    dues: ['none'],
    grace: false,
    ok: [],
    strikes: 0,
    late: [],
    a: [],
    b: { ...NO_FAULTS, ...budget },
    old: null,
    comp: null,
    undone: null,
  };
  if (start === 'absent') return s;
  if (start !== 'fresh') s.v.v0 = { t: 'val', g: 'g0', base: null };
  s.v.v1 = { t: 'val', g: 'g1', base: 'v0' };
  Object.assign(s, { L: { C: 'v1', N: 'v1' }, live: { g1: 'first' }, ng: 2, due: 'v1', dues: ['v1'] });
  if (start !== 'fresh') {
    // AWSPREVIOUS has a live grant, past its grace or within it
    Object.assign(s.L, { P: 'v0' });
    Object.assign(s.live, { g0: 'zeroth' });
    s.grace = start === 'previous';
  }
  if (kind.issue === 'extend') s.live = { g1: 'first' };
  if (comp) Object.assign(s, { comp: 'g1', wish: comp === 'tag' ? 'v1' : null });
  return s;
}

export function model({ kindName, f, sure, reissue }) {
  const k = KINDS[kindName];
  const programs = { worker: worker(k, f, { sure, reissue }), sweep: revoker(k, f), operator: operator(f) };
  const step = (s, me) => {
    const here = programs[me.is][me.pc];
    if (here.fresh && !me.r) {
      me.r = f.nonce ? `r${s.n}` : `r(${me.x})`;
      s.n += 1;
    }
    return here;
  };
  return { k, f, sure, reissue, programs, step, strikes: 0, memo: new Map() };
}

/** Runs one process alone and without faults. */
function run(m, s, me, bad) {
  for (let i = 0; me.pc !== 'end'; i += 1) {
    if (i > 60) return bad.push('P4 a process alone and without faults does not end');
    const here = m.step(s, me),
      e = here.ask(me);
    here.got(me, perform(s, e, m.k, bad));
  }
}

function fixpoint(m, s, bad) {
  for (let i = 0; i < 10; i += 1) {
    const before = worldKey(s);
    run(m, s, { is: 'worker', pc: 'observe', job: current(s) }, bad);
    run(m, s, { is: 'sweep', pc: 'observe' }, bad);
    if (worldKey(s) === before) return;
  }
  bad.push('P4 recovery does not reach a fixpoint');
}

function judge(m, s, bad, strict) {
  const c = s.v[s.L.C],
    p = s.v[s.L.P];
  const reported = s.T.some((tag) => tag.startsWith('r'));
  const blocked = s.T.includes('blocked');
  if (blocked) bad.push('R2 three tries are spent: blocked for a person');
  else if (!works(s, c) && !absent(c))
    bad.push(
      reported && !m.k.verify && !m.sure
        ? 'R1 AWSCURRENT is dead, unverifiable kind, listed as suspect'
        : 'P1 AWSCURRENT does not work',
    );
  for (const [g, by] of Object.entries(s.live)) {
    if (s.comp === g) {
      bad.push(
        m.k.issue === 'same'
          ? 'R3 compromised, and the vendor answers with the same grant'
          : 'P2 a compromised grant stays alive',
      );
      continue;
    }
    if (g === c?.g || s.T.includes(by) || (m.k.keepsOld && g === p?.g)) continue;
    if (g === p?.g && !s.grace) continue;
    if (blocked && [s.v[s.L.N]?.g, p?.g].includes(g)) continue;
    bad.push(g === p?.g ? 'P2 the grant of AWSPREVIOUS outlives its grace' : 'P2 a live grant that nobody knows');
  }
  m.strikes = Math.max(m.strikes, s.strikes);
  if (s.strikes >= 5) bad.push('P1 account locked by failed authentications');
  if (s.undone && c?.g !== s.undone && s.due === 'undone') bad.push('P3 a rollback was undone');
  if (!strict) return;
  const pending = s.v[s.L.N];
  const waits = blocked || (reported && !m.reissue);
  if (pending?.t === 'int' && s.L.N !== s.L.C) bad.push('P4 an unresolved intent stays');
  if (pending?.t === 'val' && s.L.N !== s.L.C && s.L.N !== s.L.P && !blocked) bad.push('P4 a staged value stays');
  if ((absent(c) || s.due === s.L.C) && !waits) bad.push('P4 the credential stays due');
  if (m.k.revoke && p?.t === 'val' && s.L.R !== s.L.P) bad.push('P4 AWSPREVIOUS never settles');
}

/** All processes die here; then sweeps run without faults, grace passes, and late provider calls land. What is broken at the end? */
export function recover(m, from) {
  const key = worldKey(from) + from.late.length + (from.b.zombies ? 'z' : '');
  const known = m.memo.get(key);
  if (known) return known;
  const bad = [];
  const s = { ...from, a: [], late: [], old: null, b: NO_FAULTS };
  const settle = () => {
    fixpoint(m, s, bad);
    judge(m, s, bad, false);
    for (let i = 0; i < 4 && !s.grace; i += 1) {
      s.grace = true;
      fixpoint(m, s, bad);
    }
    judge(m, s, bad, true);
  };
  settle();
  for (const e of from.late) {
    perform(s, e, m.k, bad);
    settle();
  }
  const result = [...new Set(bad)];
  m.memo.set(key, result);
  return result;
}

const hash = (text) => createHash('md5').update(text).digest('base64');

const show = (e, answer, note) => {
  const said =
    typeof answer === 'string'
      ? answer
      : e.do === 'describe'
        ? `C=${answer.C} P=${answer.P} N=${answer.N} R=${answer.R}`
        : `holds ${answer.t}`;
  const what = {
    describe: () => 'Describe',
    put: () => `Put ${e.id} (${e.val.t}) [AWSPENDING]`,
    cas: () => `move ${{ C: 'AWSCURRENT', N: 'AWSPENDING' }[e.label]} ${e.from}->${e.to}`,
    tag: () => `tag suspect ${e.r}`,
    untag: () => `untag ${e.r}`,
    issue: () => `issue for ${e.r}`,
    apply: () => `change secret ${e.from}->${e.g}`,
    verify: () => `verify ${e.g}`,
    revoke: () => `revoke ${e.g}`,
    reinstate: () => `reinstate ${e.g}`,
    mark: () => `tag revoked ${e.to}`,
    history: () => 'list every version',
    choose: () => 'go on or give up',
    wait: () => 'wait out the deadline',
  }[e.do]();
  return `${what}: ${note}${note.trim() === note && note ? '' : said}`;
};

function* successors(m, s, config) {
  const free = ['A', 'B'].find((n) => !s.a.some((x) => x.name === n));
  const start = function* (me, budget, note) {
    // a process starts with its first read of the labels
    const t = spend(s, budget);
    t.a = [...s.a, { pc: 'observe', ...me }];
    yield* advance(m, t, s.a.length, note);
  };
  if (s.b.workers && free)
    yield* start(
      { is: 'worker', name: free, job: s.due, comp: config.comp === 'job' ? 1 : null },
      'workers',
      `worker ${free} takes a job (replace ${s.due}); `,
    );
  if (s.b.sweeps) yield* start({ is: 'sweep', name: `S${s.b.sweeps}` }, 'sweeps', 'a revocation sweep starts; ');
  if (s.b.undo) yield* start({ is: 'operator', name: 'O' }, 'undo', 'a rollback starts; ');
  if (!s.grace && s.L.P) {
    const old = s.v[s.L.P].g,
      live = m.k.keepsOld ? Object.fromEntries(Object.entries(s.live).filter(([g]) => g !== old)) : s.live;
    yield { s: { ...s, grace: true, live }, note: 'grace passes', bad: [] };
  }
  if (s.b.dues && !absent(s.v[s.L.C]) && s.due !== s.L.C && (!m.k.keepsOld || s.grace)) {
    yield { s: { ...spend(s, 'dues'), due: s.L.C, dues: [...s.dues, s.L.C] }, note: `${s.L.C} is due`, bad: [] };
  }
  if (s.b.detach && s.L.N && s.L.N !== s.L.C)
    yield {
      s: { ...spend(s, 'detach'), L: { ...s.L, N: undefined } },
      note: 'a person takes AWSPENDING away',
      bad: [],
    };
  if (s.b.foreign && s.L.C) {
    // a person puts a value of their own as AWSCURRENT
    const t = spend(s, 'foreign');
    Object.assign(t, {
      v: { ...s.v, F: { t: 'val', g: `g${s.ng}`, base: null } },
      live: { ...(m.k.issue === 'replace' ? {} : s.live), [`g${s.ng}`]: 'person' },
      ng: s.ng + 1,
      grace: false,
    });
    t.L = { ...s.L, C: 'F', P: s.L.C, N: s.L.N === s.L.C ? undefined : s.L.N };
    yield { s: t, note: 'a person puts version F as AWSCURRENT', bad: [] };
  }
  for (const e of s.late) {
    const t = { ...s, late: s.late.filter((x) => x !== e) },
      bad = [];
    perform(t, e, m.k, bad);
    yield { s: t, note: `the late ${e.do} for ${e.r ?? e.id} takes effect`, bad };
  }
  for (let i = 0; i < s.a.length; i += 1) {
    if (s.b.crash)
      yield { s: { ...spend(s, 'crash'), a: s.a.toSpliced(i, 1) }, note: `${s.a[i].name} crashes`, bad: [] };
    yield* advance(m, s, i, '');
  }
}

/** One step of process i, in every way it can end. */
function* advance(m, s, i, prefix) {
  const from = { ...s },
    me = { ...s.a[i] },
    here = m.step(from, me),
    e = here.ask(me);
  if (e.do === 'wait' && !s.b.zombies && s.a.some((x) => ['revoke', 'clear'].includes(x.pc))) return; // they have sent it or let it be by then
  for (const o of outcomes(from, e, m.k)) {
    const after = { ...me };
    here.got(after, o.answer);
    o.s.a = after.pc === 'end' ? s.a.toSpliced(i, 1) : s.a.with(i, after);
    if (e.undo && o.answer === 'ok') Object.assign(o.s, { undone: o.s.v[e.to].g, due: 'undone' });
    yield { s: o.s, note: `${prefix}${me.name}: ${show(e, o.answer, o.note)}`, bad: o.bad };
  }
}

/** Explores everything within the budgets; returns counts and, per broken property, the shortest trace. */
export function explore(config, limit = 4e6) {
  const m = model({ ...config, sure: config.sure ?? true, reissue: config.reissue ?? true });
  const s0 = initial({ ...config, kind: m.k });
  const seen = new Set([hash(stateKey(s0))]);
  let layer = [{ s: s0, up: null, note: 'start' }],
    transitions = 0,
    depth = 0;
  const found = new Map();
  const trace = (node, last) => {
    const out = last ? [last] : [];
    for (let n = node; n.up; n = n.up) out.unshift(n.note);
    return out;
  };
  const report = (property, node, last) => {
    if (!found.has(property)) found.set(property, trace(node, last));
  };
  while (layer.length && seen.size < limit) {
    const next = [];
    for (const node of layer) {
      for (const property of recover(m, node.s)) report(property, node, 'everything stops; sweeps run to the end');
      for (const { s, note, bad } of successors(m, node.s, config)) {
        transitions += 1;
        for (const property of bad) report(property, node, note);
        const key = hash(stateKey(s));
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ s, up: node, note });
      }
      node.s = null; // only the way here is kept
    }
    layer = next;
    depth += 1;
  }
  return {
    states: seen.size,
    transitions,
    depth,
    recoveries: m.memo.size,
    complete: layer.length === 0,
    strikes: m.strikes,
    found,
  };
}
