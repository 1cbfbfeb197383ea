/** Tells Stryker to leave the sentences for people alone: the message of a log line, of an error, of a note. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const LOGS = ['info', 'warn', 'alarm'];
const ignored = 'a sentence for people';

const prose = {
  shouldIgnore(path) {
    if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined;
    const { parent, node } = path;
    if (parent.type === 'NewExpression' && /Error$/.test(parent.callee.name ?? '') && parent.arguments[0] === node)
      return ignored;
    if (parent.type === 'VariableDeclarator' && parent.id.name === 'message') return ignored;
    const isLog = parent.type === 'CallExpression' && LOGS.includes(parent.callee.property?.name ?? '');
    return isLog && parent.arguments.at(-1) === node ? ignored : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', prose)];
