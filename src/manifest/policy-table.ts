import { KINDS } from '../types';
import { ABOUT, ALL_POLICY_FIELDS, defaultText, kindsOf, POLICY_FIELDS, type PolicyField } from './policy-fields';

/** The README's table of policy fields, in Markdown. */
export function policyTable(): string {
  const rows = POLICY_FIELDS.map((name) => {
    const { meaning = '', bounds = '' } = ABOUT.get(ALL_POLICY_FIELDS[name]) ?? {};
    return [`\`${name}\``, meaning, defaultsOf(name), bounds];
  });
  const table = [['field', 'meaning', 'default', 'bounds'], ['---', '---', '---', '---'], ...rows];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The default of most kinds, the kinds that differ, and those that do not know it: `24h; flinks-outbound-recipient 1h`. */
function defaultsOf(name: PolicyField): string {
  const kinds = kindsOf(name);
  const [first] = kinds;
  if (first !== undefined && kinds.length <= KINDS.length / 2) {
    return `${defaultText(first, name)} (${kinds.join(', ')} only)`;
  }
  const texts = kinds.map((kind) => defaultText(kind, name));
  const common = texts.find((text, i) => texts.includes(text, i + 1)) ?? texts[0] ?? '';
  const exceptions = kinds.filter((_, i) => texts[i] !== common);
  const without = KINDS.filter((kind) => !kinds.includes(kind));
  return [
    common,
    ...exceptions.map((kind) => `${kind} ${defaultText(kind, name)}`),
    ...without.map((kind) => `not ${kind}`),
  ].join('; ');
}
