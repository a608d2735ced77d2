import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';
import { functionsOf, statementsOf } from './template.ts';

const { exchange } = synthesise();
const names = functionsOf(exchange).map(({ name }) => name);

/** What a function may do to one table: the sorted actions, without their prefix. */
const may = (name: string, table: 'Journal' | 'Registry'): readonly string[] =>
  statementsOf(exchange, name)
    .filter(({ Resource }) => JSON.stringify(Resource).includes(table))
    .flatMap(({ Action }) => Action.map((action) => action.replace('dynamodb:', '')));

const reads = ['GetItem', 'Query'];

describe('what the functions are allowed', () => {
  it.each(names)('%s: nothing by wildcard', (name) => {
    const statements = statementsOf(exchange, name);
    expect(statements).not.toEqual([]);
    expect(
      JSON.stringify(statements.map(({ Action, Resource }) => [Action, Resource])),
    ).not.toContain('*');
  });

  it('only submit-inquiry writes to the journal', () => {
    const writers = names.filter((name) => may(name, 'Journal').some((a) => !reads.includes(a)));
    expect(writers).toEqual(['submit-inquiry']);
    expect(may('submit-inquiry', 'Journal')).toEqual(['GetItem', 'PutItem', 'Query']);
  });

  it('only those that may make the signing key write to the registry, and only put', () => {
    const writes = names.flatMap((name) =>
      may(name, 'Registry')
        .filter((action) => !reads.includes(action))
        .map((action) => `${name}: ${action}`),
    );
    expect(writes.toSorted()).toEqual(['read-well-known: PutItem', 'submit-inquiry: PutItem']);
  });

  it('the catalogue and the well-known documents never see the journal', () => {
    expect([may('read-catalogue', 'Journal'), may('read-well-known', 'Journal')]).toEqual([[], []]);
  });

  it.each(names)('%s: the key only through the services that keep our data', (name) => {
    const uses = statementsOf(exchange, name).filter(({ Action }) =>
      Action.some((a) => a.startsWith('kms:')),
    );
    expect(uses).toHaveLength(1);
    expect(JSON.stringify(uses[0]?.Condition)).toMatch(/ViaService.*dynamodb\..*secretsmanager\./);
  });

  it('a function that only reads cannot encrypt under the key', () => {
    const readers = ['read-inquiry', 'read-catalogue', 'read-audit'];
    const actions = readers.flatMap((name) =>
      statementsOf(exchange, name).flatMap(({ Action }) => Action),
    );
    expect(actions.filter((action) => action.startsWith('kms:')).toSorted()).toEqual([
      ...readers.map(() => 'kms:Decrypt'),
      ...readers.map(() => 'kms:DescribeKey'),
    ]);
  });
});
