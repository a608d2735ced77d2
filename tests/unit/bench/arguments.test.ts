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
      full: false,
    });
  });

  it('name all benches of the log as one, and ask for the long ones', () => {
    const { benches, full } = readArguments(['writes', 'log', '--full']);
    expect(benches).toEqual([
      'writes',
      'sequencing',
      'verification',
      'proofs',
      'merge-delay',
      'memory',
    ]);
    expect(full).toBe(true);
  });

  it('are refused with the names that there are', () => {
    expect(() => readArguments(['gpu'])).toThrow('cpu, load, writes, bundles');
  });
});
