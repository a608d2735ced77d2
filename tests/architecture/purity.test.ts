import { describe, expect, it } from 'vitest';
import { purityViolations } from './purity.ts';
import { readTree } from './tree.ts';

const violationsIn = (text: string, path = 'shared/inquiry/x.ts'): readonly string[] =>
  purityViolations(new Map([[path, text]]));

describe('time, randomness, environment and network come in as arguments', () => {
  it('holds for every file of events/ and shared/', () => {
    expect(purityViolations(readTree())).toEqual([]);
  });

  it.each([
    'export const at = Date.now();',
    "export const at = Date['now']();",
    'export const at = new Date();',
    'export const at = Date();',
    'export const clock = Date;',
    'export const { now } = Date;',
    'export const level = process.env.LEVEL;',
    'export const { env } = process;',
    'export const answer = await fetch(url);',
    'export const answer = (get = fetch) => get(url);',
    'export const answer = await globalThis.fetch(url);',
    'export const luck = Math.random();',
    'export const { random } = Math;',
    'setTimeout(done, 1);',
    'setInterval(tick, 1);',
    'export const at = performance.now();',
    'console.log(1);',
    'export const id = crypto.randomUUID();',
    'crypto.getRandomValues(bytes);',
    "import { randomBytes } from 'node:crypto';",
    "import { randomUUID as id } from 'crypto';",
    "import * as all from 'node:crypto';",
    'export const f = (fetch: Fetch) => fetch(url), g = () => fetch(url);',
  ])('refuses %s', (text) => {
    expect(violationsIn(text)).toHaveLength(1);
  });

  it.each([
    'export const at = new Date(seconds * 1000);',
    'export const at = Date.parse(text);',
    'export const at = Date.UTC(2026, 0, 1);',
    'export const is = (x: unknown): boolean => x instanceof Date;',
    'export const f = ({ fetch, now }: Deps) => fetch(url, now());',
    'export const f = (process: Step) => process(1);',
    'export type Fetch = typeof fetch;',
    'export const f = (at: Date): Date => at;',
    'export const f = (deps: Deps) => deps.fetch(deps.process);',
    'export const names = { fetch: 1, process: 2, Date: 3 };',
    'export const half = Math.floor(3 / 2);',
    'export const key = (bytes: Uint8Array) => crypto.subtle.digest("SHA-256", bytes);',
    "import { createHash } from 'node:crypto';",
    '// Date.now() is not for us',
    "export const text = 'process.env';",
  ])('allows %s', (text) => {
    expect(violationsIn(text)).toEqual([]);
  });

  it('leaves the process to the command line and to what runs', () => {
    const text = 'export const at = process.uptime() + Date.now();';
    expect(violationsIn(text, 'shared/client/cli/main.ts')).toEqual([]);
    expect(violationsIn(text, 'functions/runtime/env.ts')).toEqual([]);
    expect(violationsIn(text, 'shared/client/agency.ts')).toHaveLength(2);
  });

  it('says where and what would be right', () => {
    expect(violationsIn('\nDate.now();')).toEqual([
      'shared/inquiry/x.ts:2 uses the global Date: take it as an argument',
    ]);
  });
});
