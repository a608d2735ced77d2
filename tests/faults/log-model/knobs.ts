import fc from 'fast-check';
import type { Knobs } from './run.ts';

/** Sizes at which tiles and bundles begin, end, and are about to. */
const borders = [250, 253, 255, 256, 258, 508, 511];

/** A run's knobs, some of them fixed; the seed does not shrink, the rest does. */
export const knobs = (fixed: Partial<Knobs> = {}): fc.Arbitrary<Knobs> =>
  fc
    .record({
      seed: fc.noShrink(fc.nat({ max: 2 ** 31 - 1 })),
      sequencers: fc.constantFrom(1, 2, 2, 3),
      shards: fc.constantFrom(1, 1, 1, 2),
      slots: fc.constantFrom(2, 4),
      start: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(...borders) },
      ),
      inquiries: fc.integer({ min: 4, max: 36 }),
      trouble: fc.constantFrom(0, 60, 120, 300, 1000),
      skew: fc.constantFrom(0, 0, 5000, 40_000, 200_000),
      batch: fc.constantFrom(1, 3, 10, 100),
      witnessing: fc.constantFrom(false, false, false, false, false, false, true),
    })
    .map((drawn) => ({ ...drawn, ...fixed }));
