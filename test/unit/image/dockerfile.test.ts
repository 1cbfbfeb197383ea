import { readFileSync } from 'node:fs';
import { parseDockerfile } from '../../image/dockerfile';
import { parseDockerignore } from '../../image/dockerignore';

const OURS = readFileSync('Dockerfile', 'utf8');
const IGNORE = readFileSync('.dockerignore', 'utf8');
const stages = parseDockerfile(OURS);
const baseOf = (name: string): string => stages.find((one) => one.name === name)?.base ?? '';

describe('our Dockerfile', () => {
  it('ends with the worker, and builds every stage on one pinned image of Node 24', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'production', 'base', 'sandbox', 'worker']);
    expect(['build', 'production', 'base'].map(baseOf)).toEqual(Array(3).fill('node:24-bookworm-slim'));
    expect(['sandbox', 'worker'].map(baseOf)).toEqual(['base', 'base']);
  });

  it('runs as a user by number, so that an orchestrator can see that it is not root', () => {
    const users = stages.flatMap(({ name, steps }) =>
      steps.flatMap((step) => (step.does === 'USER' ? [[name, step.uid > 0 && step.gid > 0]] : [])),
    );
    expect(users).toEqual([['base', true]]);
  });

  it.each(['worker', 'sandbox'])('gives %s a command and a health check, both of node itself', (name) => {
    const steps = stages.find((stage) => stage.name === name)?.steps ?? [];
    const commands = steps.flatMap((step) =>
      step.does === 'CMD' || step.does === 'HEALTHCHECK' ? [[step.does, step.command[0]]] : [],
    );
    expect(commands).toEqual([
      ['HEALTHCHECK', 'node'],
      ['CMD', 'node'],
    ]);
  });
});

const STAGE = 'FROM node:24 AS one\n';

describe('the parser', () => {
  it('reads each instruction that it knows', () => {
    const text = `# a comment
ARG IMAGE=node:24

FROM \${IMAGE} AS one
WORKDIR /app
COPY a.json b.json ./
COPY --from=zero /app/dist ./dist
RUN npm ci --omit=dev
ENV NAME="two words"
ENV OTHER=x
USER 1000:1000
HEALTHCHECK --interval=10s --retries=3 CMD ["node", "a.js"]
CMD ["node", "b.js"]
`;
    expect(parseDockerfile(text)).toEqual([
      {
        name: 'one',
        base: 'node:24',
        steps: [
          { does: 'WORKDIR', path: '/app' },
          { does: 'COPY', stage: undefined, from: ['a.json', 'b.json'], to: './' },
          { does: 'COPY', stage: 'zero', from: ['/app/dist'], to: './dist' },
          { does: 'RUN', line: 'npm ci --omit=dev' },
          { does: 'ENV', name: 'NAME', value: 'two words' },
          { does: 'ENV', name: 'OTHER', value: 'x' },
          { does: 'USER', uid: 1000, gid: 1000 },
          { does: 'HEALTHCHECK', options: { interval: '10s', retries: '3' }, command: ['node', 'a.js'] },
          { does: 'CMD', command: ['node', 'b.js'] },
        ],
      },
    ]);
  });

  it.each([
    ['an instruction that it does not know', 'ADD a b'],
    ['an instruction in small letters', 'run npm ci'],
    ['a line that goes on', 'RUN npm ci \\'],
    ['a RUN with shell syntax', 'RUN npm ci && npm run build'],
    ['a RUN with flags of BuildKit', 'RUN --mount=type=cache,target=/root npm ci'],
    ['a RUN in exec form', 'RUN ["npm", "ci"]'],
    ['a CMD in shell form', 'CMD node a.js'],
    ['a COPY with another flag', 'COPY --chown=1000 a b'],
    ['a COPY of several files to no folder', 'COPY a b c'],
    ['a COPY with a wildcard', 'COPY *.json ./'],
    ['a user by name', 'USER node'],
    ['a WORKDIR that is not absolute', 'WORKDIR app'],
    ['no health check', 'HEALTHCHECK NONE'],
    ['two variables at once', 'ENV A=1 B=2'],
    ['a variable that no ARG sets', `FROM \${IMAGE} AS two`],
    ['a stage without a name', 'FROM node:24'],
    ['an ARG within a stage', 'ARG A=1'],
  ])('refuses %s, with its line', (_, line) => {
    expect(() => parseDockerfile(`${STAGE}${line}\n`)).toThrow('Dockerfile:2: ');
  });

  it('refuses an instruction before the first stage', () => {
    expect(() => parseDockerfile('RUN npm ci')).toThrow('before the first FROM');
  });
});

describe('.dockerignore', () => {
  const isSent = parseDockerignore(IGNORE);

  it.each(['.env', '.git', '.git/config', 'node_modules', 'dist', 'config/rotation.yaml', 'rotation.yaml'])(
    'keeps %s out of the build',
    (path) => expect(isSent(path)).toBe(false),
  );

  it.each(['package.json', 'src', 'src/admin/server.ts'])('lets %s into it', (path) => {
    expect(isSent(path)).toBe(true);
  });

  it.each(['*.env', '*\n!src/**', '*\n!/src', 'node_modules'])('is refused where it says %j', (text) => {
    expect(() => parseDockerignore(text)).toThrow('.dockerignore');
  });
});
