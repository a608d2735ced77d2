import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

// Inside the repository, so that the planted tests find vitest.
const home = join(root, '.estelam');
const planted: string[] = [];

const withoutVitest = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|TEST$|NODE_ENV$)/.test(name),
  ),
);

/** Runs planted tests by the configuration of this repository. */
const run = (files: Record<string, string>) => {
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, 'planted-'));
  planted.push(folder);
  mkdirSync(join(folder, 'tests'));
  for (const [name, text] of Object.entries(files)) {
    const head = "import { beforeAll, describe, expect, it } from 'vitest';\n";
    writeFileSync(join(folder, 'tests', name), head + text);
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--root',
      folder,
      '--config',
      join(root, 'vitest.config.ts'),
    ],
    { cwd: root, env: withoutVitest, encoding: 'utf8' },
  );
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
};

const passes = "it('passes', () => { expect(1).toBe(1); });\n";

describe('the last line of a test run', () => {
  afterEach(() => {
    for (const folder of planted.splice(0)) rmSync(folder, { recursive: true });
  });

  it('counts what passed', () => {
    const { status, last } = run({ 'a.test.ts': passes, 'b.test.ts': passes });
    expect(last).toBe('2 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('counts what failed, also outside a test', () => {
    const { status, last } = run({
      'fails.test.ts': `${passes}it('fails', () => { expect(1).toBe(2); });`,
      'asserts-nothing.test.ts': "it('asserts nothing', () => {});",
      'cannot-be-loaded.test.ts': "import './missing.ts';",
      'has-a-broken-hook.test.ts': `beforeAll(() => { throw new Error('x'); });\n${passes}`,
      'rejects-later.test.ts': `${passes}void Promise.reject(new Error('nobody waits'));`,
    });
    expect(last).toBe('2 passed, 5 failed, 1 skipped');
    expect(status).toBe(1);
  });

  it('names what has failed, and why, where only the end was kept', () => {
    const { stdout } = run({
      'fails.test.ts': `describe('one', () => { it('fails', () => { throw new Error('first\\nsecond'); }); });`,
      'cannot-be-loaded.test.ts': "throw new Error('not today');",
      'has-a-broken-hook.test.ts': `describe('two', () => {
        beforeAll(() => { throw new Error('no hook'); });\n${passes}});`,
      'rejects-later.test.ts': `${passes}void Promise.reject(new Error('nobody waits'));`,
    });
    expect(stdout.trimEnd().split('\n').slice(-6).toSorted()).toEqual([
      '1 passed, 4 failed, 1 skipped',
      'FAILED outside every test: nobody waits',
      'FAILED tests/cannot-be-loaded.test.ts: not today',
      'FAILED tests/fails.test.ts > one > fails: first',
      'FAILED tests/has-a-broken-hook.test.ts > two: no hook',
      expect.stringMatching(/^SKIPPED tests\/has-a-broken-hook\.test\.ts > two > passes: /),
    ]);
  });

  it('names what was skipped, and why', () => {
    const { status, stdout, last } = run({
      'a.test.ts': `${passes}it('x', (context) => { context.skip('no endpoint is named'); });`,
    });
    expect(stdout).toContain('SKIPPED tests/a.test.ts > x: no endpoint is named\n');
    expect(last).toBe('1 passed, 0 failed, 1 skipped');
    expect(status).toBe(0);
  });

  it.each([
    ['there is no test', {}],
    ['every test was skipped', { 'a.test.ts': "it.todo('x');" }],
  ])('is a failure when %s', (_, files) => {
    const { status, last } = run(files);
    expect(last).toMatch(/^0 passed, 0 failed/);
    expect(status).toBe(1);
  });
});
