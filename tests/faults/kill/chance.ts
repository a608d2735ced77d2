import { createHash, randomBytes } from 'node:crypto';

/** Chance that can be had again by its seed. */
export type Chance = {
  /** What `KILL_SEED` must say to have the same again. */
  readonly seed: string;
  /** A whole number from `least` to `most`, both possible. */
  readonly between: (least: number, most: number) => number;
  readonly shuffled: <Value>(values: readonly Value[]) => readonly Value[];
};

export const makeChance = (
  seed: string = process.env['KILL_SEED'] ?? randomBytes(6).toString('hex'),
): Chance => {
  let drawn = 0;
  const draw = (): number => {
    drawn += 1;
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32BE(0);
  };
  return {
    seed,
    between: (least, most) => least + (draw() % (most - least + 1)),
    shuffled: (values) =>
      values
        .map((value) => ({ value, at: draw() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ value }) => value),
  };
};
