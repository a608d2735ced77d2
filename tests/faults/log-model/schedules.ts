import type { mutants } from './mutants.ts';
import type { Knobs } from './run.ts';

const usual: Omit<Knobs, 'seed'> = {
  sequencers: 2,
  shards: 1,
  slots: 2,
  start: 250,
  inquiries: 13,
  trouble: 0,
  skew: 0,
  batch: 100,
  witnessing: false,
};

/** Schedules that a sequencer without one rule does not survive. */
export const schedules: Readonly<Record<keyof typeof mutants, Knobs>> = {
  'no compare-and-swap': { ...usual, seed: 1 },
  'sign before commit': {
    ...usual,
    seed: 8,
    sequencers: 3,
    start: 255,
    inquiries: 27,
    trouble: 300,
  },
  'no tombstone': { ...usual, seed: 1 },
  'no staging replay': { ...usual, seed: 2, start: 0, inquiries: 14, batch: 3 },
  'publish without comparing sizes': { ...usual, seed: 2, start: 0, inquiries: 14, batch: 3 },
  'no second look': { ...usual, seed: 1 },
  'seal before the last id': { ...usual, seed: 1 },
  'fence before the answer': {
    ...usual,
    seed: 10,
    sequencers: 3,
    slots: 4,
    start: 0,
    inquiries: 12,
    trouble: 90,
    batch: 10,
  },
};
