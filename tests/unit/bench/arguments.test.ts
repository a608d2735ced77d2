import { describe, expect, it } from 'vitest';
import { benchNames, readArguments } from '#tests/bench/arguments.ts';

describe('the arguments of the benches', () => {
  it('mean all of them when none is named', () => {
    expect(readArguments([]).benches).toEqual(benchNames);
  });

  it('name benches and where figures and pictures go', () => {
    expect(readArguments(['cpu', '--json', 'a.json', '--plot', 'b'])).toEqual({
      benches: ['cpu'],
      json: 'a.json',
      plot: 'b',
    });
  });

  it('are refused with the names that there are', () => {
    expect(() => readArguments(['gpu'])).toThrow('cpu, load, writes, bundles');
  });
});
