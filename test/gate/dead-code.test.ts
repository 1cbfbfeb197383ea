import { plant, runTool } from './planted.js';

const PACKAGE = { name: 'planted', version: '1.0.0', dependencies: { luxury: '^1.0.0' } };

test('unused files, exports and dependencies are refused', async () => {
  const folder = plant({
    'package.json': JSON.stringify(PACKAGE),
    'jobs/worker.ts': "import { used } from '../src/used.js';\nused();\n",
    'src/used.ts': 'export function used(): void {}\nexport function forgotten(): void {}\n',
    'src/abandoned.ts': 'export const nothing = 1;\n',
  });

  const { code, output } = await runTool(folder, 'knip/bin/knip.js', '--no-progress', '--no-config-hints');

  expect(code).toBe(1);
  expect(output).toContain('src/abandoned.ts');
  expect(output).toContain('forgotten');
  expect(output).toContain('luxury');
  expect(output).not.toMatch(/^used/m);
});

test('code without dead parts passes', async () => {
  const folder = plant({
    'package.json': JSON.stringify({ ...PACKAGE, dependencies: {} }),
    'jobs/worker.ts': "import { used } from '../src/used.js';\nused();\n",
    'src/used.ts': 'export function used(): void {}\n',
  });

  expect(await runTool(folder, 'knip/bin/knip.js', '--no-progress', '--no-config-hints')).toEqual({
    code: 0,
    output: '',
  });
});
