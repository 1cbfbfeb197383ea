/**
 * `aws secretsmanager tag-resource|untag-resource` by the SDK, for machines without the AWS command line: the same arguments,
 * nothing more than the README's commands need, and an error for everything else.
 */
import { SecretsManagerClient, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-secrets-manager';

type Options = ReadonlyMap<string, readonly string[]>;

/** `--name value value …`, as the command line takes lists. */
function optionsOf(args: readonly string[]): Options {
  const options = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const arg of args) {
    if (arg.startsWith('--')) {
      values = [];
      options.set(arg.slice(2), values);
    } else if (values === undefined) throw new Error(`${arg} belongs to no option`);
    else values.push(arg);
  }
  return options;
}

function take(options: Options, names: readonly string[]): readonly (readonly string[])[] {
  const unknown = [...options.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`unknown options: ${unknown.join(', ')}`);
  return names.map((name) => {
    const values = options.get(name) ?? [];
    if (values.length === 0) throw new Error(`--${name} is missing`);
    return values;
  });
}

/** The shorthand `Key=a,Value=b`; neither may hold a comma. */
function tagOf(shorthand: string): { Key: string; Value: string } {
  const [, Key, Value] = /^Key=([^,]+),Value=([^,]*)$/.exec(shorthand) ?? [];
  if (Key === undefined || Value === undefined) throw new Error(`not a tag: ${shorthand}`);
  return { Key, Value };
}

function commandOf(name: string, options: Options): TagResourceCommand | UntagResourceCommand {
  if (name === 'tag-resource') {
    const [[SecretId] = [], tags = []] = take(options, ['secret-id', 'tags']);
    return new TagResourceCommand({ SecretId, Tags: tags.map(tagOf) });
  }
  if (name !== 'untag-resource') throw new Error(`unknown operation ${name}`);
  const [[SecretId] = [], TagKeys = []] = take(options, ['secret-id', 'tag-keys']);
  return new UntagResourceCommand({ SecretId, TagKeys: [...TagKeys] });
}

async function main([service, operation = '', ...args]: readonly string[]): Promise<void> {
  if (service !== 'secretsmanager') throw new Error(`unknown service ${service}`);
  const command = commandOf(operation, optionsOf(args));
  const client = new SecretsManagerClient({ maxAttempts: 1 });
  // The two types of commands have nothing in common that `send` would take.
  await (command instanceof TagResourceCommand ? client.send(command) : client.send(command));
  client.destroy();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
