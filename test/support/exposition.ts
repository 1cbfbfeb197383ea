interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A page in the text format of Prometheus. */
export interface Page {
  readonly samples: readonly Sample[];
  /** Metric -> its type. */
  readonly types: ReadonlyMap<string, string>;
  /** The value of the one sample with these labels; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/y;

/** @throws where a line is not of the format (prometheus.io/docs/instrumenting/exposition_formats) */
export function parseExposition(text: string): Page {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    if (line === '' || line.startsWith('#')) continue;
    samples.push(sampleOf(line));
  }
  return {
    samples,
    types,
    value(name, labels = {}) {
      const found = samples.filter((one) => one.name === name && isEqual(one.labels, labels));
      if (found.length > 1) throw new Error(`${name} stands there ${found.length} times with the same labels`);
      return found[0]?.value;
    },
  };
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', number] = SAMPLE.exec(line) ?? [];
  // As Go's ParseFloat, which Prometheus reads with: prom-client writes Nan.
  const isNone = /^nan$/i.test(number ?? '');
  const value = isNone ? Number.NaN : Number(number?.replace(/^([+-]?)Inf$/, '$1Infinity'));
  if (name === undefined || (Number.isNaN(value) && !isNone)) throw new Error(`no sample: ${line}`);
  return { name, labels: labelsOf(labels, line), value };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`labels that cannot be read: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function isEqual(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => a[name] === b[name]);
}
