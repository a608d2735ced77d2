import { describe, expect, it } from 'vitest';
import { routes } from '#shared/api/routes.ts';
import { synthesise } from './synthesise.ts';
import { functionsOf, logGroupsOf } from './template.ts';

const { exchange } = synthesise({ origin: 'https://estelam.example.ir' });
const functions = functionsOf(exchange);

describe('the deployed functions', () => {
  it('are those that the routes name', () => {
    const named = [...new Set(routes.map((route): string => route.function))];
    expect(functions.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
  });

  it.each(functions)('$name runs on Node 24 on arm64, untraced', (fn) => {
    expect(fn).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    expect(fn.TracingConfig).toBeUndefined();
  });

  it.each(functions)('$name gives up before API Gateway does', ({ name, Timeout }) => {
    expect(Timeout).toBe(name === 'submit-inquiry' ? 29 : 10);
  });

  it.each(functions)('$name is told its origin, its tables and how the journal is spread', (fn) => {
    const { ESTELAM_SECRET_ARN, JOURNAL_TABLE, REGISTRY_TABLE, ...plain } =
      fn.Environment.Variables;
    expect(JSON.stringify(ESTELAM_SECRET_ARN)).toMatch(/ImportValue.*Secret/);
    expect(JSON.stringify(JOURNAL_TABLE)).toMatch(/ImportValue.*Journal/);
    expect(JSON.stringify(REGISTRY_TABLE)).toMatch(/ImportValue.*Registry/);
    expect(plain).toEqual({
      ESTELAM_ORIGIN: 'https://estelam.example.ir',
      JOURNAL_SHARDS: '1',
      JOURNAL_SLOTS: '16',
      HOLD_SECONDS: '600',
      LOG_LEVEL: 'INFO',
    });
  });

  it.each(functions)('$name logs to a group that forgets', ({ LoggingConfig }) => {
    const group = logGroupsOf(exchange).find(({ id }) => id === LoggingConfig.LogGroup.Ref);
    expect(group?.retention).toBe(90);
  });

  it('no log group remembers for ever', () => {
    expect(logGroupsOf(exchange).filter(({ retention }) => retention === undefined)).toEqual([]);
  });
});
