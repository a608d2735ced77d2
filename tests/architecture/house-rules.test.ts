import { describe, expect, it } from 'vitest';
import { houseViolations } from './house-rules.ts';
import { machinePathViolations } from './machine-paths.ts';
import { readTree } from './tree.ts';

const violationsIn = (path: string, text: string): readonly string[] =>
  houseViolations(new Map([[path, text]]));

describe('house rules that the linter cannot see', () => {
  it('hold for every file of the repository', () => {
    expect(houseViolations(readTree())).toEqual([]);
  });

  it.each([
    ['z by its name', 'shared/a/x.ts', "import { z } from 'zod';"],
    ['z under another name', 'functions/a/x.ts', "import { z as schema } from 'zod/mini';"],
    ['z by default', 'events/x.ts', "import z from 'zod';"],
    ['a barrel', 'shared/a/index.ts', "export * from './x.ts';"],
    ['a barrel of names', 'shared/a/index.ts', "export { x } from './x.ts';"],
    ['a barrel of types', 'shared/a/index.ts', "export type { X } from './x.ts';"],
    ['a barrel in two steps', 'shared/a/index.ts', "import { x } from './x.ts';\nexport { x };"],
    ['process.env', 'functions/a/handler.ts', 'export const x = process.env.X;'],
    ['process.env in brackets', 'functions/a/handler.ts', "export const x = process['env'].X;"],
    ['process.env taken apart', 'functions/runtime/x.ts', 'const { env } = process;'],
    ['process under another name', 'shared/api/x.ts', 'const p = process;'],
    ['process as a module', 'functions/a/handler.ts', "import { env } from 'node:process';"],
    ['a focused test by option', 'tests/x.test.ts', "it('x', { only: true }, () => {});"],
    ['a skipped suite by option', 'tests/x.test.ts', "describe('x', { skip: true }, () => {});"],
    ['a silenced type error', 'shared/a/x.ts', '// @ts-ignore because'],
    ['a silenced rule without a reason', 'shared/a/x.ts', '// oxlint-disable-next-line no-new'],
    ['a file that silences a rule', 'shared/a/x.ts', '/* oxlint-disable no-new -- a reason */'],
    ['a folder of helpers', 'shared/helpers/x.ts', 'export const x = 1;'],
    ['a file of utilities', 'shared/kernel/utils.ts', 'export const x = 1;'],
  ])('refuse %s', (_, path, text) => {
    expect(violationsIn(path, text)).toHaveLength(1);
  });

  it.each([
    ['zod as a namespace', 'shared/a/x.ts', "import * as z from 'zod';"],
    ['a type of zod', 'shared/a/x.ts', "import type { ZodType } from 'zod';"],
    ['an export of its own', 'shared/a/x.ts', 'const x = 1;\nexport { x };'],
    ['the environment in its place', 'functions/runtime/env.ts', 'export const x = process.env;'],
    ['the environment in the command line', 'shared/client/cli/x.ts', 'const x = process.env;'],
    ['another side of the process', 'functions/runtime/x.ts', 'process.on("exit", f);'],
    ['a test with a time limit', 'tests/x.test.ts', "it('x', { timeout: 1 }, () => {});"],
    ['a reason for the formatter', 'shared/a/x.ts', '// biome-ignore format: as an alphabet'],
    ['a reason', 'shared/a/x.ts', '// oxlint-disable-next-line no-new -- it registers itself'],
    ['the word in a sentence', 'shared/a/x.ts', '// what is common to both'],
  ])('allow %s', (_, path, text) => {
    expect(violationsIn(path, text)).toEqual([]);
  });

  it('say where and what would be right', () => {
    expect(violationsIn('events/x.ts', "\nimport { z } from 'zod';")).toEqual([
      "events/x.ts:2 write import * as z from 'zod': the named z brings the whole library into a Lambda",
    ]);
  });
});

const inReadme = (text: string): readonly string[] =>
  machinePathViolations(new Map([['README.md', text]]));

describe('the repository names no folder of one machine', () => {
  it('holds for every file of the repository', () => {
    expect(machinePathViolations(readTree())).toEqual([]);
  });

  it.each(['work', 'root', 'home/ali', 'Users/ali'])('refuses a checkout under %s', (folder) => {
    expect(inReadme(`first\ncd /${folder}/estelam`)).toEqual([
      'README.md:2 names a folder of one machine',
    ]);
  });

  it.each([
    'see https://example.org/work/paper.html',
    'docs/work/notes.md',
    'GET /v1/root/x',
    '/usr/bin/chromium',
  ])('allows %s', (text) => {
    expect(inReadme(text)).toEqual([]);
  });
});
