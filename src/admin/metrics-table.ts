import { makeMeters } from './meters';

/** The README's table of metrics, in Markdown. */
export function metricsTable(): string {
  const rows = makeMeters().described.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help.replace(/\.$/, ''),
  ]);
  const table = [['metric', 'type', 'labels', 'meaning'], ['---', '---', '---', '---'], ...rows];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
