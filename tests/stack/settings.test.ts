import { describe, expect, it } from 'vitest';
import { readSettings } from '#infra/config.ts';
import { newApp } from './synthesise.ts';

const read = (context: Readonly<Record<string, unknown>>) => readSettings(newApp(context));

describe('the settings of a deployment', () => {
  it('have defaults for all but the warm throughput', () => {
    expect(read({})).toEqual({
      environment: 'dev',
      origin: 'https://exchange.example',
      journalSlots: 16,
      journalShards: 1,
      holdSeconds: 600,
      logRetentionDays: 90,
      throttlingRate: 1_000,
      throttlingBurst: 2_000,
      logLevel: 'INFO',
    });
  });

  it('are numbers even when the command line gives text', () => {
    expect(read({ journalSlots: '64', journalShards: '4' })).toMatchObject({
      journalSlots: 64,
      journalShards: 4,
    });
  });

  it.each([
    ['origin', 'http://exchange.example'],
    ['origin', 'https://exchange.example/'],
    ['origin', 'https://exchange.example/v1'],
    ['environment', 'Production'],
    ['journalSlots', '0'],
    ['journalShards', '17'],
    ['holdSeconds', 'ten'],
    ['logRetentionDays', '45'],
    ['logLevel', 'verbose'],
  ])('refuse %s=%s, and say so', (key, value) => {
    expect(() => read({ [key]: value })).toThrow(key);
  });
});
