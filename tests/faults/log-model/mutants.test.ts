import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobs } from './knobs.ts';
import { mutants } from './mutants.ts';
import { runModel } from './run.ts';

describe('the property that holds for the sequencer', () => {
  it.each(Object.entries(mutants))(
    'fails for one with %s',
    async (name, make) => {
      const property = fc.asyncProperty(knobs(), async (drawn) => {
        const { wrong } = await runModel(drawn, make);
        expect(wrong).toEqual([]);
      });
      const { failed, numRuns } = await fc.check(property, {
        numRuns: 500,
        endOnFailure: true,
      });
      console.log(`${name}: ${failed ? 'caught in' : 'survived'} schedule ${numRuns}`);
      expect(failed).toBe(true);
    },
    300_000,
  );
});
