import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rotatorProgram } from '../../src/cli/program';
import { STATES } from '../../src/decision';
import { ALARMS } from '../../src/types';

const read = (file: string): string => readFileSync(file, 'utf8');

describe('the documents tell the truth', () => {
  it('README has a line for every alarm, and for no other', () => {
    const table = read('README.md').split('| alarm |')[1]?.split('\n\n')[0] ?? '';
    const named = table
      .split('\n')
      .slice(2)
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));

    expect(named.sort()).toEqual([...ALARMS].sort());
  });

  it('README names every command of rotator with every option', () => {
    const section = read('README.md').split('## The command line')[1]?.split('\n## ')[0] ?? '';
    const program = rotatorProgram({}, () => undefined);
    const options = [program, ...program.commands].flatMap((command) => command.options.map(({ long }) => long ?? ''));
    const named = [...program.commands.map((command) => `rotator ${command.name()}`), ...new Set(options)];

    expect(program.commands.length).toBeGreaterThan(4);
    expect(named.filter((name) => !new RegExp(`${name}\\b`).test(section))).toEqual([]);
  });

  it.each(['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'])('every file that %s names is there', (document) => {
    const named = [...read(document).matchAll(/(?<=[`(])((?:src|jobs|test|docs|scripts)\/[\w./-]*)(?=[`)])/g)].map(
      ([, path = '']) => path,
    );
    const missing = named.filter((path) => !existsSync(path) && !existsSync(`${path}.ts`));

    expect(missing).toEqual([]);
  });

  it('ARCHITECTURE names every file at the top of src and jobs', () => {
    const files = ['src', 'jobs'].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name}`),
    );
    const architecture = read('ARCHITECTURE.md');

    expect(files.filter((file) => !architecture.includes(`\`${file}\``))).toEqual([]);
  });

  it('ARCHITECTURE has a line for every state, and for no other', () => {
    const table = read('ARCHITECTURE.md').split('| labels | state |')[1]?.split('\n\n')[0] ?? '';
    const named = table
      .split('\n')
      .slice(2)
      .flatMap((line) => [...(line.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));

    expect([...new Set(named)].sort()).toEqual([...STATES].sort());
  });

  it('README names every script of package.json that a person calls', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
    const silent = ['lint', 'lint:unused', 'build', 'start'];
    const unnamed = Object.keys(scripts).filter(
      (name) => !silent.includes(name) && !new RegExp(`npm (run )?(-s )?${name}\\b`).test(read('README.md')),
    );

    expect(unnamed).toEqual([]);
  });
});
