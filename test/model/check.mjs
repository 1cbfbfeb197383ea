// node check.mjs [KIND…]    the algorithm under every scenario: must print no violation (three minutes, 2 GB)
// node check.mjs holes      every rule taken away alone: must print a violation for each (seconds)
// node check.mjs trace RULE the shortest trace of each property that breaks without RULE
// node check.mjs draft      the first draft: what breaks without any of the rules
// node check.mjs deep KIND  as the first, with larger budgets (some minutes a kind, 10 GB)
import { explore } from './explore.mjs';
import { all, none, RULES } from './rotation.mjs';

const UNSURE = ['same', 'replace']; // kinds whose vendor does not say what a second issue does to the first grant
const ALL = ['in-place', 'overlap', 'same', 'replace', 'chosen', 'chosen+grace', 'extend'];
const ISSUED = ['in-place', 'overlap', 'same', 'replace'];
const REVOCABLE = ['overlap', 'same', 'replace']; // a compromised receipt is replaced, not extended

// zombies: a worker may be paused anywhere for ever and go on; without it, takeover waits until the owner is past its call or dead
const SCENARIOS = {
  'three workers': { kinds: ALL, budget: { workers: 3, crash: 1, lost: 1, zombies: 1 }, deep: { crash: 2, lost: 2 } },
  'two crashes, two lost answers': {
    kinds: ALL,
    budget: { workers: 2, crash: 2, lost: 2, zombies: 1 },
    deep: { workers: 3, no: 1 },
  },
  'refused calls': { kinds: ALL, budget: { workers: 2, crash: 1, lost: 1, no: 2, zombies: 1 }, deep: { workers: 3 } },
  'late effects': {
    kinds: ALL,
    budget: { workers: 2, crash: 1, lost: 1, no: 1, late: 1, zombies: 1 },
    deep: { workers: 3 },
  },
  'stale reads': { kinds: ALL, budget: { workers: 2, crash: 1, lost: 1, stale: 2, zombies: 1 }, deep: { workers: 3 } },
  'new secret': {
    kinds: ISSUED,
    start: 'absent',
    budget: { workers: 2, crash: 1, lost: 1, stale: 1, zombies: 1 },
    deep: { workers: 3, crash: 2 },
  },
  'due twice, two revocation sweeps': {
    kinds: ALL,
    start: 'previous',
    budget: { workers: 2, crash: 1, sweeps: 2, dues: 1, zombies: 1 },
    deep: { workers: 3, lost: 1 },
  },
  compromised: {
    kinds: REVOCABLE,
    start: 'previous',
    comp: 'tag',
    budget: { workers: 2, crash: 2, lost: 1, sweeps: 1, zombies: 1 },
    deep: { workers: 3 },
  },
  'compromised within grace': {
    kinds: REVOCABLE,
    start: 'grace',
    comp: 'tag',
    budget: { workers: 2, crash: 1, lost: 1, sweeps: 1, zombies: 1 },
    deep: { workers: 3 },
  },
  'a person writes AWSCURRENT': {
    kinds: ['in-place', 'overlap', 'same', 'extend'],
    start: 'grace',
    budget: { workers: 2, crash: 1, lost: 1, foreign: 1, sweeps: 1 },
    deep: { workers: 3, zombies: 1 },
  },
  'a person writes a new secret': {
    kinds: ['in-place', 'overlap', 'same'],
    start: 'absent',
    budget: { workers: 2, crash: 1, lost: 1, foreign: 1 },
    deep: { workers: 3, zombies: 1 },
  },
  'a person takes AWSPENDING away': {
    kinds: ALL,
    budget: { workers: 2, crash: 1, lost: 1, detach: 1, zombies: 1 },
    deep: { workers: 3, dues: 1 },
  },
  rollback: {
    kinds: ['overlap', 'same'],
    start: 'previous',
    budget: { workers: 2, crash: 1, lost: 1, sweeps: 1, undo: 1 },
    deep: { workers: 3, crash: 2 },
  },
  'deadline kept': { kinds: ALL, budget: { workers: 3, crash: 2, lost: 2 }, deep: { no: 1, sweeps: 1, dues: 1 } },
  'no automatic reissue': {
    kinds: ISSUED,
    reissue: false,
    budget: { workers: 3, crash: 1, lost: 1, zombies: 1 },
    deep: { crash: 2 },
  },
};

// The smallest scenario in which each rule is missed.
const HOLES = {
  once: ['overlap', { budget: { workers: 2 } }],
  nonce: ['overlap', { budget: { workers: 2, zombies: 1, crash: 1 } }],
  head: ['in-place', { budget: { workers: 3, crash: 1, zombies: 1 } }],
  tomb: ['overlap', { budget: { workers: 2, zombies: 1 } }],
  base: ['overlap', { budget: { workers: 2, foreign: 1 } }],
  confirm: ['overlap', { budget: { workers: 1, lost: 1 } }],
  held: ['same', { budget: { workers: 1, no: 1 } }],
  ambig: ['overlap', { budget: { workers: 1, no: 1, late: 1 } }],
  list: ['overlap', { budget: { workers: 2, lost: 1, crash: 1 } }],
  recheck: ['in-place', { budget: { workers: 2, crash: 1, zombies: 1 } }],
  bootGuard: ['overlap', { start: 'absent', budget: { workers: 1 } }],
  bootIntent: ['overlap', { start: 'absent', budget: { workers: 1 } }],
  undone: ['overlap', { start: 'previous', without: ['forward'], budget: { undo: 1 } }],
  forward: ['overlap', { start: 'previous', budget: { workers: 2, sweeps: 1, undo: 1 } }],
  calm: ['overlap', { start: 'previous', budget: { workers: 1, sweeps: 1, undo: 1 } }],
  wish: ['overlap', { comp: 'job', budget: { workers: 1 } }],
  urgent: ['overlap', { start: 'grace', comp: 'tag', budget: { workers: 1 } }],
  refound: ['overlap', { budget: { workers: 2, crash: 1, detach: 1 } }],
  foreign: ['overlap', { start: 'grace', budget: { workers: 1, foreign: 1 } }],
  tries: ['chosen', { budget: { workers: 3, lost: 2 } }],
};

const lacking = (...rules) => ({ ...all, ...Object.fromEntries(rules.map((x) => [x, false])) });
const number = (n) => n.toLocaleString('en').padStart(9);

function check(name, kindName, config, f, limit) {
  const from = Date.now();
  const r = explore({ ...config, kindName, f, sure: !UNSURE.includes(kindName) }, limit);
  const seconds = ((Date.now() - from) / 1000).toFixed(0).padStart(4);
  const broken = [...r.found].map(([property, trace]) => `${property} (${trace.length} steps)`).join('; ') || 'none';
  console.log(
    `${name.padEnd(33)} ${kindName.padEnd(12)} ${number(r.states)} states ${number(r.recoveries)} recoveries ${seconds} s${r.complete ? '' : ' (cut off)'}  ${r.strikes ? `[wrong logins at most ${r.strikes}] ` : ''}${broken}`,
  );
  return r;
}

function holes(rules, traces) {
  let missed = 0;
  for (const rule of rules) {
    const [kindName, { without = [], ...config }] = HOLES[rule];
    const r = check(`without ${rule}`, kindName, config, lacking(rule, ...without));
    missed += r.found.size === 0;
    if (traces) for (const [property, trace] of r.found) console.log(`\n${property}\n  ${trace.join('\n  ')}`);
  }
  return missed;
}

function scenarios(f, { deep = false, only = [], limit } = {}) {
  let states = 0,
    recoveries = 0,
    violations = 0;
  for (const [name, { kinds, budget, deep: more, ...config }] of Object.entries(SCENARIOS)) {
    for (const kindName of kinds.filter((k) => only.length === 0 || only.includes(k))) {
      const r = check(name, kindName, { ...config, budget: { ...budget, ...(deep ? more : {}) } }, f, limit);
      states += r.states;
      recoveries += r.recoveries;
      violations += [...r.found.keys()].filter((p) => p.startsWith('P')).length;
    }
  }
  console.log(
    `\n${number(states)} states, ${number(recoveries)} different worlds recovered from, ${violations} violations`,
  );
  return violations;
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'holes') process.exitCode = holes(Object.keys(RULES), false);
else if (command === 'trace') holes(rest, true);
else if (command === 'draft') scenarios(none, { limit: 2e5 });
else if (command === 'deep') process.exitCode = scenarios(all, { deep: true, only: rest }) ? 1 : 0;
else process.exitCode = scenarios(all, { only: process.argv.slice(2) }) ? 1 : 0;
