import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { beginAtZero } from '../../../src/admin/listening-log';
import { makeMeters } from '../../../src/admin/meters';
import { metricsTable } from '../../../src/admin/metrics-table';
import { ALARMS } from '../../../src/types';
import { parseExposition } from '../../support/exposition';
import { expectCurrent } from '../../support/generated';

// After a change of the metrics, UPDATE_GENERATED=1 writes the README's table anew.
test('the README has the table of metrics between its markers', () => {
  const markers = /(<!-- metrics-table -->\n)[\s\S]*?(\n<!-- \/metrics-table -->)/;
  expectCurrent('README.md', (text) => text.replace(markers, (_, start, end) => `${start}${metricsTable()}${end}`));
  expect(readFileSync('README.md', 'utf8')).toMatch(markers);
});

const group = z.strictObject({
  name: z.string(),
  rules: z.array(
    z.strictObject({
      alert: z.string(),
      expr: z.string(),
      for: z.string().optional(),
      labels: z.record(z.string(), z.string()),
      annotations: z.strictObject({ summary: z.string(), description: z.string() }),
    }),
  ),
});

describe('the example alert rules', () => {
  const text = readFileSync('docs/prometheus-alerts.yaml', 'utf8');
  const rules = z
    .strictObject({ groups: z.array(group) })
    .parse(parse(text))
    .groups.flatMap((one) => one.rules);

  test('name only metrics that there are', async () => {
    const meters = makeMeters();
    const metrics = meters.described.flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    );
    const named = rules.flatMap(({ expr }) => expr.match(/rotation_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !metrics.includes(name))).toEqual([]);
  });

  test('name only alarms that there are', () => {
    const lists = rules.flatMap(({ expr }) => [...expr.matchAll(/alarm[!=~]+"([^"]+)"/g)].map(([, list = '']) => list));
    const named = lists.flatMap((list) => list.split('|'));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !ALARMS.some((alarm) => alarm === name))).toEqual([]);
  });
});

test('each alarm, and each kind with each outcome, begins at 0', async () => {
  const meters = makeMeters();
  beginAtZero(meters);
  const page = parseExposition(await meters.registry.metrics());
  expect(ALARMS.map((alarm) => page.value('rotation_alarms_total', { alarm }))).toEqual(ALARMS.map(() => 0));
  const zeros = page.samples.filter(({ name }) => /^rotation_(rotations|settled|throttles|alarms)_total$/.test(name));
  expect(zeros.length).toBeGreaterThan(ALARMS.length + 3 * 9);
  expect(zeros.filter(({ value }) => value !== 0)).toEqual([]);
});
