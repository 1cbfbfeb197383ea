// The algorithm under check, as named steps. `ask` is the one external effect of a step, `got` decides the next step.
// Every rule of it that is easy to leave out is a flag: all on is the algorithm, all off a plausible first draft.

export const RULES = {
  once: "the intent's version id is derived from the version (or tombstone) before it: only one worker can create it",
  nonce: 'every attempt has its own random id inside the intent, so that two workers never write the same intent',
  head: 'the predecessor of an intent is whatever holds AWSPENDING, whether or not it is AWSCURRENT',
  tomb: "whoever gives an attempt up first puts a tombstone under the attempt's value id: only one of value and tombstone can exist",
  base: 'a staged value records the version it replaces; promotion is only ever from that one',
  confirm: 'a promote that failed or got no answer is judged by reading the labels, not by the error',
  held: 'no revocation from memory once a value may be staged, nor of a grant that a labelled version holds',
  ambig: 'after a PutSecretValue without an answer the worker never revokes',
  list: 'one suspected-orphan tag per attempt, written before the next intent',
  recheck: 'while an attempt is suspect, sweeps verify AWSCURRENT and repair it',
  bootGuard: "new secret: a job names 'none' also while the intent is AWSCURRENT, and the promotion is from the intent",
  bootIntent: 'an intent that is AWSCURRENT and AWSPENDING at once is an unresolved intent',
  undone: 'AWSPENDING on AWSPREVIOUS is a promotion that was undone: settled, not to be resumed',
  forward: 'rollback puts a new version with the old content; no label ever goes back',
  calm: 'revocation sweeps leave a credential alone while an attempt is unfinished',
  wish: 'compromised is a tag written before the job, not a field of the job',
  urgent: 'a compromised AWSCURRENT ends the grace of AWSPREVIOUS: it does not wait for it',
  refound:
    'an intent that exists and does not hold AWSPENDING (a person took the label away) is given up like any other',
  foreign:
    'before the first step on a version that a person made current, the history is searched for attempts and grants that lost their labels',
  tries:
    'every login with a value that is not proven first takes a try, created once: pending, current, pending; two refused, then a person',
};

export const all = Object.fromEntries(Object.keys(RULES).map((k) => [k, true]));
export const none = Object.fromEntries(Object.keys(RULES).map((k) => [k, false]));

const go = (me, pc, set = {}) => Object.assign(me, set, { pc });
const end = (me) => go(me, 'end');

/** One worker. `k`: the kind; `sure`: the provider is known to keep other grants alive on issue; `reissue`: policy after an unknown outcome. */
export function worker(k, f, { sure = true, reissue = true } = {}) {
  const chosen = k.issue === 'choose';
  const suspects = !chosen && k.issue !== 'extend'; // kinds whose unknown outcome may leave something behind

  const intentId = (me) => (f.once ? `i(${me.x})` : `${me.r}-i`);
  const base = (me) => me.base ?? (f.bootGuard ? intentId(me) : null);
  const rotate = (me) =>
    me.tries === 2
      ? end(me)
      : go(me, 'intent', { r: null, g: null, amb: null, copy: null, tries: (me.tries ?? 0) + 1 });
  const afterStage = (me) => go(me, chosen ? 'apply' : k.verify ? 'verify' : 'promote');
  const login = (me) =>
    f.tries
      ? go(me, me.slot === 3 || me.refused >= 2 ? 'block' : 'slot', { slot: (me.slot ?? 0) + 1 })
      : go(me, 'verify');
  const resume = (me) => (chosen ? login(me) : go(me, k.verify ? 'verify' : 'promote'));

  function decide(me, d) {
    if (f.foreign && d.C === 'F' && !d.T.includes('adopted')) return go(me, 'history');
    const isAbsent = !d.c || d.c.t === 'int';
    const name = isAbsent && f.bootGuard ? 'none' : (d.C ?? 'none');
    Object.assign(me, { seen: d.C, cg: d.c?.g });
    const other = d.N && (d.N !== d.C || (f.bootIntent && d.n.t === 'int'));
    if (other && d.n.t === 'int') {
      if (d.young || me.beaten) return end(me);
      return takeOver(Object.assign(me, { r: d.n.r, base: f.base ? d.n.base : d.C, N: d.N, copy: d.n.copy }));
    }
    if (other && d.n.t === 'val' && !(f.undone && d.N === d.P)) {
      const superseded = f.base && d.n.base !== d.C;
      if (superseded && k.verify && suspects && !d.T.includes(d.N)) return go(me, 'tag', { r: d.N }); // it may have killed AWSCURRENT
      if (superseded)
        return go(me, k.revoke && ![d.c?.g, d.p?.g].includes(d.n.g) ? 'revokeStaged' : 'seal', { r: d.N, g: d.n.g });
      Object.assign(me, { r: d.N, g: d.n.g, base: d.C });
      if (d.T.includes('blocked') || (chosen && f.tries && d.young)) return end(me);
      return d.n.copy ? go(me, 'reinstate') : resume(me);
    }
    const unknown = d.n?.t === 'tomb' && d.n.why === '?' && suspects;
    me.x = (f.head || (other && d.n.base === d.C) ? d.N : null) ?? d.C ?? 'none';
    if (unknown && !d.T.includes(d.N)) return go(me, 'tag', { r: d.N });
    if (f.recheck && k.verify && suspects && !isAbsent && d.T.some((tag) => tag.startsWith('r')) && !me.checked)
      return go(me, 'recheck');
    if (unknown && d.n.base === d.C && !reissue && !me.heal) return end(me);
    const due = isAbsent || d.due === name;
    if (!me.heal && !(due && me.job === name)) return end(me);
    me.base = d.C;
    if (k.revoke && d.p?.t === 'val' && d.R !== d.P && d.p.g !== d.c?.g) {
      if (!d.grace && !(f.wish && (d.wish === d.P || (f.urgent && d.wish === d.C)))) return end(me);
      return go(me, 'clear', { pg: d.p.g, P: d.P });
    }
    rotate(me);
  }

  /** An intent without a value, and its owner is gone, or paused, or has just got no answer: this is the kind's resolution. */
  function takeOver(me) {
    if (f.tomb) return go(me, 'tomb', { why: chosen || me.copy ? 'no' : '?' });
    if (suspects && !f.recheck && k.verify) return go(me, 'readCurrent');
    if (suspects) return go(me, 'tag');
    again(me);
  }

  const again = (me) =>
    f.base && me.base !== me.seen ? go(me, 'dropIntent') : rotate(Object.assign(me, { x: me.r, base: me.seen }));

  /** The value is in memory and will never be staged: another worker has given this attempt up. */
  function lost(me) {
    me.beaten = 1;
    if (!suspects) return end(me);
    if (k.verify) return go(me, 'observe', { r: null, g: null });
    if (sure) return go(me, f.held ? 'held' : 'revokeOwn', { untag: 1 });
    end(me); // it may be the only live one, or the one of AWSCURRENT: it stays listed
  }

  return {
    observe: { ask: () => ({ do: 'describe' }), got: decide },

    history: {
      // every version there is, oldest first: ours without label, later than the one that was settled last
      ask: () => ({ do: 'history' }),
      got(me, { versions, L }) {
        const open = versions.slice(versions.findIndex(([id]) => id === L.R) + 1);
        const has = (r) => versions.some(([id]) => id === r);
        const intent = open.find(([, c]) => c.t === 'int' && !has(c.r))?.[1];
        if (intent) return takeOver(Object.assign(me, { r: intent.r, base: intent.base, copy: intent.copy }));
        const kept = [L.C, L.P, L.N];
        const held = versions.filter(([id]) => kept.includes(id)).map(([, c]) => c.g);
        const loose = open.find(([id, c]) => c.t === 'val' && !kept.includes(id));
        if (loose && k.revoke)
          return go(me, held.includes(loose[1].g) ? 'looseMark' : 'looseRevoke', { pg: loose[1].g, P: loose[0] });
        go(me, 'adopt');
      },
    },
    looseRevoke: { ask: (me) => ({ do: 'revoke', g: me.pg }), got: (me, a) => a === 'ok' && go(me, 'looseMark') },
    looseMark: { ask: (me) => ({ do: 'mark', to: me.P }), got: (me) => go(me, 'history', { pg: null, P: null }) },
    adopt: { ask: () => ({ do: 'tag', r: 'adopted' }), got: (me) => go(me, 'observe') },

    tomb: {
      ask: (me) => ({ do: 'put', id: me.r, val: { t: 'tomb', why: me.why, base: me.base } }),
      got(me, a) {
        if (a.t === 'val' || (me.found && (a === 'ok' || a.t))) return go(me, 'relabel'); // a put of what is there moves no label
        if (a !== '?' && me.mine) return end(me);
        if (a !== '?') go(me, 'observe', { r: null, g: null, why: null });
      },
    },
    relabel: {
      ask: (me) => ({ do: 'cas', label: 'N', from: me.found === 'none' ? null : (me.found ?? me.N), to: me.r }),
      got: (me) => go(me, 'observe', { r: null, g: null, why: null, found: null }),
    },
    tag: {
      ask: (me) => ({ do: 'tag', r: me.r, single: !f.list }),
      got(me) {
        if (f.tomb) return go(me, 'observe', { r: null, why: null });
        return reissue ? again(me) : end(me);
      },
    },
    recheck: {
      ask: (me) => ({ do: 'verify', g: me.cg }),
      got: (me, a) => go(me, 'observe', { checked: 1, heal: a === 'ok' ? me.heal : 1 }),
    },

    clear: { ask: (me) => ({ do: 'revoke', g: me.pg }), got: (me, a) => a === 'ok' && go(me, 'clearMark') },
    clearMark: {
      ask: (me) => ({ do: 'mark', to: me.P }),
      got: (me) => rotate(Object.assign(me, { pg: null, P: null })),
    },

    intent: {
      fresh: true,
      ask: (me) => ({ do: 'put', id: intentId(me), val: { t: 'int', r: me.r, base: base(me) } }),
      got(me, a) {
        if (a === 'ok') return go(me, 'issue', { base: base(me), N: intentId(me) });
        if (a !== '?')
          f.refound && a.t === 'int'
            ? go(me, 'refound', { or: a.r, ob: a.base, oc: a.copy, N: intentId(me) })
            : end(me);
      },
    },
    refound: {
      ask: () => ({ do: 'describe' }),
      got(me, d) {
        if (d.C !== me.seen || (d.N && d.N !== d.C && d.N !== me.x)) return end(me); // somebody is at work, or was
        takeOver(
          Object.assign(me, { r: me.or, base: me.ob, copy: me.oc, or: null, ob: null, oc: null, found: d.N ?? 'none' }),
        );
      },
    },
    issue: {
      ask: (me) => ({ do: 'issue', r: me.r, heal: me.heal }),
      got(me, a) {
        if (a === '?') return takeOver(me);
        if (a === 'no') return f.tomb ? go(me, 'tomb', { why: 'no', mine: 1 }) : end(me);
        go(me, 'stage', { g: a });
      },
    },
    stage: {
      ask: (me) => ({ do: 'put', id: me.r, val: { t: 'val', g: me.g, base: me.base }, stage: true }),
      got(me, a) {
        if (a === 'ok') return afterStage(me);
        if (a === '?') return go(me, 'stage', { amb: f.ambig ? 1 : null });
        if (a === 'no') return go(me, 'stageFailed');
        lost(me);
      },
    },
    stageFailed: {
      ask: () => ({ do: 'choose' }),
      got(me, a) {
        if (a === 'ok') return go(me, 'stage');
        if (!k.revoke || me.amb || (f.held && !sure)) return end(me);
        go(me, f.held ? 'held' : 'revokeOwn');
      },
    },
    held: {
      ask: () => ({ do: 'describe' }),
      got: (me, d) => ([d.c?.g, d.p?.g, d.n?.g].includes(me.g) ? end(me) : go(me, 'revokeOwn')),
    },
    reinstate: { ask: (me) => ({ do: 'reinstate', g: me.g }), got: (me) => go(me, 'promote') }, // a rollback that was interrupted
    // a staged value that cannot be promoted any more: AWSCURRENT is no longer the version that it replaces
    revokeStaged: { ask: (me) => ({ do: 'revoke', g: me.g }), got: (me, a) => a === 'ok' && go(me, 'seal') },
    seal: {
      ask: (me) => ({ do: 'put', id: `i(${me.r})`, val: { t: 'tomb', why: 'no', base: me.seen } }),
      got: (me, a) => a !== '?' && go(me, 'sealLabel'),
    },
    sealLabel: {
      // a put of what is there already moves no label
      ask: (me) => ({ do: 'cas', label: 'N', from: me.r, to: `i(${me.r})` }),
      got: (me) => go(me, 'observe', { r: null, g: null }),
    },
    revokeOwn: {
      ask: (me) => ({ do: 'revoke', g: me.g }),
      got: (me, a) => a === 'ok' && (me.untag ? go(me, 'untag') : me.after ? go(me, 'readCurrent') : end(me)),
    },
    untag: { ask: (me) => ({ do: 'untag', r: me.r }), got: end },

    apply: {
      ask: (me) => ({ do: 'apply', r: me.r, from: me.cg, g: me.g }),
      got: (me, a) => (a === 'no' ? end(me) : login(Object.assign(me, { applied: 1 }))),
    },
    verify: {
      ask: (me) => ({ do: 'verify', g: me.g }),
      got(me, a) {
        if (a === 'ok') return go(me, 'promote');
        if (chosen && f.tries) return login(Object.assign(me, { refused: (me.refused ?? 0) + 1 }));
        if (chosen) return me.applied ? end(me) : go(me, 'tryOld');
        if (f.recheck) return rotate(Object.assign(me, { x: me.r }));
        go(me, 'drop');
      },
    },
    tryOld: {
      ask: (me) => ({ do: 'verify', g: me.cg }),
      got: (me, a) =>
        a === 'ok' ? go(me, 'apply') : f.tries ? login(Object.assign(me, { refused: (me.refused ?? 0) + 1 })) : end(me),
    },
    slot: {
      ask: (me) => ({ do: 'put', id: `t${me.slot}(${me.r})`, val: { t: 'try' }, create: true }),
      got: (me, a) =>
        a === 'ok'
          ? go(me, me.slot === 2 ? 'tryOld' : 'verify')
          : login(Object.assign(me, { refused: (me.refused ?? 0) + (me.slot !== 2) })),
    },
    block: { ask: () => ({ do: 'tag', r: 'blocked' }), got: end },
    drop: { ask: (me) => ({ do: 'cas', label: 'N', from: me.r, to: me.seen }), got: (me, a) => a !== '?' && end(me) },

    promote: {
      ask: (me) => ({ do: 'cas', label: 'C', from: me.base, to: me.r }),
      got(me, a) {
        if (a === 'ok') return me.comp && !f.wish ? go(me, 'revokeNow') : end(me);
        if (f.confirm) return go(me, 'confirm');
        if (a === 'moved')
          return k.revoke ? go(me, 'revokeOwn', { after: k.verify ? 1 : null }) : go(me, 'readCurrent');
      },
    },
    confirm: {
      ask: () => ({ do: 'describe' }),
      got: (me, d) => (d.C !== me.r && d.C === me.base ? go(me, 'promote') : end(me)),
    },
    revokeNow: { ask: (me) => ({ do: 'revoke', g: me.cg }), got: (me, a) => a === 'ok' && end(me) },

    // the draft: "verify AWSCURRENT and heal it if it is dead"
    readCurrent: {
      ask: () => ({ do: 'describe' }),
      got: (me, d) =>
        d.c?.t === 'val' && k.verify
          ? go(me, 'checkCurrent', { cg: d.c.g, seen: d.C, N: d.n?.t === 'int' ? d.N : null })
          : end(me),
    },
    checkCurrent: {
      ask: (me) => ({ do: 'verify', g: me.cg }),
      got(me, a) {
        if (a === 'ok') return me.N ? go(me, 'dropIntent') : end(me);
        rotate(Object.assign(me, { x: me.r, base: me.seen, heal: 1 }));
      },
    },
    dropIntent: {
      ask: (me) => ({ do: 'cas', label: 'N', from: me.N, to: me.seen }),
      got: (me, a) => a !== '?' && end(me),
    },
  };
}

/** The revocation sweep for one credential. */
export function revoker(k, f) {
  return {
    observe: {
      ask: () => ({ do: 'describe' }),
      got(me, d) {
        if (f.foreign && d.C === 'F' && !d.T.includes('adopted')) return end(me);
        const over = d.grace || (f.wish && d.wish === d.P);
        const unfinished = d.N && d.N !== d.C && d.N !== d.P && d.n.t !== 'tomb';
        if (!k.revoke || d.p?.t !== 'val' || d.R === d.P || !over || (f.calm && unfinished)) return end(me);
        const shared = [d.c?.g, unfinished && d.n.g].includes(d.p.g);
        go(me, shared ? 'mark' : 'revoke', { g: d.p.g, P: d.P });
      },
    },
    revoke: { ask: (me) => ({ do: 'revoke', g: me.g }), got: (me, a) => a === 'ok' && go(me, 'mark') },
    mark: { ask: (me) => ({ do: 'mark', to: me.P }), got: end },
  };
}

/** `rotator rollback`: the value of AWSPREVIOUS becomes current again. The draft: swap the labels. */
export function operator(f) {
  return {
    observe: {
      ask: () => ({ do: 'describe' }),
      got(me, d) {
        if (d.p?.t !== 'val') return end(me);
        const set = { g: d.p.g, P: d.P, base: d.C, x: d.N ?? d.C };
        if (!f.forward) return go(me, 'reinstate', set);
        const unfinished = d.N && d.N !== d.C && d.n.t !== 'tomb',
          unlisted = d.n?.why === '?' && !d.T.includes(d.N);
        if (unfinished || unlisted) return end(me); // recovery comes first
        go(me, 'intent', set);
      },
    },
    intent: {
      fresh: true,
      ask: (me) => ({ do: 'put', id: `i(${me.x})`, val: { t: 'int', r: me.r, base: me.base, copy: 1 } }),
      got: (me, a) => go(me, a === 'ok' ? 'wait' : 'end'),
    },
    wait: { ask: () => ({ do: 'wait' }), got: (me) => go(me, 'stage') },
    reinstate: { ask: (me) => ({ do: 'reinstate', g: me.g }), got: (me) => go(me, f.forward ? 'promote' : 'swap') },
    swap: { ask: (me) => ({ do: 'cas', label: 'C', from: me.base, to: me.P, undo: true }), got: end },
    stage: {
      ask: (me) => ({ do: 'put', id: me.r, val: { t: 'val', g: me.g, base: me.base, copy: 1 } }),
      got: (me, a) => go(me, a === 'ok' ? 'reinstate' : 'end'),
    },
    promote: { ask: (me) => ({ do: 'cas', label: 'C', from: me.base, to: me.r, undo: true }), got: end },
  };
}
