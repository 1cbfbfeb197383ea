import type { Command } from 'commander';
import { UsageError } from '../errors';
import type { Tags } from '../rotation-tags';
import { credentialsNamed } from './credential-ids';
import { decided, type ResolveOptions } from './deciding';
import type { Door } from './door';
import { beyondResolving, resolutionsOf } from './resolutions';
import { resolveLogin } from './resolve-login';
import { atWork, type Workplace } from './workplace';

interface Options extends ResolveOptions {
  readonly account?: string;
}

const EXAMPLES = `
Without --block, --suspect or --unrevoked it shows what there is to resolve, and what each would mean. It writes tags of
the secret in Secrets Manager and nothing else: what it is told is believed. The worker's next sweep goes on from there.

Examples:
  rotator resolve sharing/acme                        what is there?
  rotator resolve sharing/acme --block                mended: begin again
  rotator resolve sharing/acme --suspect all --yes    the vendor has looked: no grant is left
  rotator resolve finout/reports --unrevoked all      the old token was deleted in the portal
  rotator resolve --account mastercard-production --block     the partner secret is right: log in again`;

export function addResolve(program: Command, { opening, end }: Door): void {
  program
    .command('resolve')
    .summary('declare that what waited for a person is dealt with')
    .description('Clears a block, a suspected orphan or an unrevoked grant that a person has dealt with.')
    .argument('[id]', 'id of the credential')
    .option('--account <name>', 'instead of a credential: the logins with the partner secret of this Finicity account')
    .option('--block', 'the cause of the block is mended')
    .option('--suspect <rotation>', 'the attempt has left no grant, or none any more; all: every one listed')
    .option('--unrevoked <version>', 'the grant of the version was revoked by hand; all: every one listed')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--json', 'as JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action((id: string | undefined, options: Options) => {
      if ((id === undefined) === (options.account === undefined))
        throw new UsageError('resolve takes the id of a credential, or --account NAME.');
      const work = (place: Workplace): Promise<number> =>
        id === undefined ? resolveLogin(place, options.account ?? '', options) : resolveOne(place, id, options);
      return end(atWork(opening(), 'secrets', work));
    });
}

async function resolveOne(place: Workplace, id: string, options: ResolveOptions): Promise<number> {
  const { store, clock } = place.collaborators;
  const [credential] = credentialsNamed(place.manifest, [id]);
  if (credential === undefined) throw new UsageError('resolve takes the id of one credential.');
  const seen = await store.observe(credential);
  const beyond = beyondResolving(credential, seen);
  const all = seen === undefined ? [] : resolutionsOf(seen, clock.now());
  return decided(place, { name: id, all, beyond }, options, async (wanted) => {
    const write: Tags = Object.assign({}, ...wanted.map((one) => one.write));
    const remove = wanted.flatMap((one) => one.remove);
    if (Object.keys(write).length > 0) await store.tag(credential, write);
    if (remove.length > 0) await store.untag(credential, remove);
  });
}
