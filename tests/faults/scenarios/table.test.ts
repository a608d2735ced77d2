import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarios } from './table.ts';

/** The names of the tests in a file of this folder. */
const testsIn = (file: string): readonly string[] => {
  const source = readFileSync(new URL(file, import.meta.url), 'utf8');
  return [...source.matchAll(/^ {2}it\((?:'([^']+)'|"([^"]+)")/gm)].map(
    ([, single, double]) => single ?? double ?? '',
  );
};

describe('the table of scenarios', () => {
  it('names thirty, each once', () => {
    expect(scenarios).toHaveLength(30);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(30);
  });

  it.each(scenarios.map((one) => [one.name, one.in]))('%s has its test in %s', (name, file) => {
    expect(testsIn(file).filter((test) => test === name)).toHaveLength(1);
  });

  it('names every test of this folder', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter(
      (file) => file.endsWith('.test.ts') && file !== 'table.test.ts',
    );
    const found = files.flatMap((file) => testsIn(file).map((name) => `${file}: ${name}`));
    expect(found.toSorted()).toEqual(scenarios.map((one) => `${one.in}: ${one.name}`).toSorted());
  });
});
