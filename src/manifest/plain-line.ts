// One line's value in plain YAML (see plain-yaml.ts): a scalar, or a map or list in braces and brackets.

export type Plain = string | number | boolean | Plain[] | { [key: string]: Plain };

const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')$/;
// Begins with a letter, and holds nothing that could mean something to YAML: no key, no indicator. Comments are gone.
const WORD = /^[A-Za-z](?:[\w ./@+=,;()#*-]|:(?=[^ ]))*$/;
const DURATION_OR_TIME = /^\d+(?:[smhdw]|:\d\d|-\d\d-\d\dT[\d:.]+Z)$/;
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const NOT_A_STRING = /^(?:null|true|false)$/i;
const FLOW_TOKEN = / *(?:([{}[\],])|([A-Za-z][\w-]{0,99}): +|("[^"\\]*"|'[^']*'|[^ {}[\],"'][^{}[\],"']*)) */y;

/** Does YAML read this word as a text? */
export const isName = (word: string): boolean => !NOT_A_STRING.test(word);

/** undefined: not plain enough. */
export function oneLine(text: string): Plain | undefined {
  return text.startsWith('{') || text.startsWith('[') ? flow(text) : scalar(text);
}

function scalar(text: string): Plain | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2];
  if (WHOLE_NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (DURATION_OR_TIME.test(text)) return text;
  return WORD.test(text) && isName(text) ? text : undefined;
}

interface Token {
  readonly sign?: string | undefined;
  readonly key?: string | undefined;
  readonly text?: string | undefined;
}

function flow(text: string): Plain | undefined {
  const tokens: Token[] = [];
  FLOW_TOKEN.lastIndex = 0;
  for (let end = 0; end < text.length; end = FLOW_TOKEN.lastIndex) {
    const found = FLOW_TOKEN.exec(text);
    if (found === null) return undefined;
    tokens.push({ sign: found[1], key: found[2], text: found[3]?.trimEnd() });
  }
  tokens.reverse(); // so that the next one is the last: pop() takes it
  const value = flowValue(tokens);
  return tokens.length === 0 ? value : undefined;
}

function flowValue(tokens: Token[]): Plain | undefined {
  const token = tokens.pop();
  if (token?.text !== undefined) return scalar(token.text);
  if (token?.sign === '{') return flowMap(tokens);
  return token?.sign === '[' ? flowList(tokens) : undefined;
}

function flowMap(tokens: Token[]): Plain | undefined {
  const entries: { [key: string]: Plain } = {};
  if (ends(tokens, '}')) return entries;
  for (;;) {
    const key = tokens.pop()?.key;
    const value = key === undefined || !isName(key) || Object.hasOwn(entries, key) ? undefined : flowValue(tokens);
    if (key === undefined || value === undefined) return undefined;
    entries[key] = value;
    if (ends(tokens, '}')) return entries;
    if (tokens.pop()?.sign !== ',') return undefined;
  }
}

function flowList(tokens: Token[]): Plain | undefined {
  const items: Plain[] = [];
  if (ends(tokens, ']')) return items;
  for (;;) {
    const item = flowValue(tokens);
    if (item === undefined) return undefined;
    items.push(item);
    if (ends(tokens, ']')) return items;
    if (tokens.pop()?.sign !== ',') return undefined;
  }
}

function ends(tokens: Token[], sign: string): boolean {
  if (tokens.at(-1)?.sign !== sign) return false;
  tokens.pop();
  return true;
}
