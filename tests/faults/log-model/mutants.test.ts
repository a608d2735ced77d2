import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobs } from './knobs.ts';
import { mutants } from './mutants.ts';
import { type Knobs, runModel } from './run.ts';
import { schedules } from './schedules.ts';

/** Where a schedule that shows it is one in several hundred, a known one is run first. */
const rare = new Map([
  ['one staged batch for each tree', schedules['one staged batch for each tree']],
]);

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
        examples: [rare.get(name)].flatMap((known): [Knobs][] =>
          known === undefined ? [] : [[known]],
        ),
      });
      console.log(`${name}: ${failed ? 'caught in' : 'survived'} schedule ${numRuns}`);
      expect(failed).toBe(true);
    },
    300_000,
  );
});
