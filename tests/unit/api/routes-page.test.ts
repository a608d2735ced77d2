import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '#shared/api/routes.ts';

const page = readFileSync(new URL('../../../docs/routes.md', import.meta.url), 'utf8');

/** Addresses between backticks, each with the method that stands before it or before its neighbour. */
const told = new Set(
  page.split('\n').flatMap((line) => {
    let method = '';
    return [...(line.split('|')[1] ?? '').matchAll(/`(?:(GET|POST) )?(\/[^`?]*)`/g)].map(
      ([, named = method, path]) => {
        method = named;
        return `${named} ${path}`;
      },
    );
  }),
);

const known = new Set<string>(routes.map(({ method, path }) => `${method} ${path}`));

describe('docs/routes.md', () => {
  it('tells every route of the table, and no other', () => {
    expect([...known.difference(told)]).toEqual([]);
    expect([...told.difference(known)]).toEqual([]);
  });
});
