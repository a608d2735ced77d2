import fc from 'fast-check';
import { expect } from 'vitest';
import { knobs } from './knobs.ts';
import { type Knobs, runModel } from './run.ts';

/** What all the schedules of a property came to. */
export type Schedules = {
  readonly schedules: number;
  readonly leaves: number;
  readonly turns: number;
  readonly tally: ReadonlyMap<string, number>;
};

/**
 * Runs so many schedules whose knobs are partly fixed; each must leave a log with nothing wrong. On
 * failure fast-check tells the knobs, and so the seed, of the smallest one that failed.
 */
export const expectHolds = async (
  subject: string,
  fixed: Partial<Knobs>,
  numRuns: number,
): Promise<Schedules> => {
  const tally = new Map<string, number>();
  let [schedules, leaves, turns] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(knobs(fixed), async (drawn) => {
      const ran = await runModel(drawn);
      expect(ran.wrong).toEqual([]);
      schedules += 1;
      leaves += ran.leaves;
      turns += ran.turns;
      for (const [what, times] of ran.tally) tally.set(what, (tally.get(what) ?? 0) + times);
    }),
    { numRuns },
  );
  console.log(`${subject}: ${schedules} schedules, ${turns} turns, ${leaves} leaves`);
  return { schedules, leaves, turns, tally };
};

/** Which of these never happened: a property whose runs met none of them would prove nothing. */
export const neverMet = ({ tally }: Schedules, wanted: readonly string[]): readonly string[] =>
  wanted.filter((what) => ![...tally.keys()].some((one) => one.includes(what)));
