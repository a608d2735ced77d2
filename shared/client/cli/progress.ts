import type { Writable } from 'node:stream';
import { progress } from '@clack/prompts';
import type { Stream } from './printing.ts';

/** Tells a person how far something long has come. */
export type Progress = {
  readonly at: (done: number, size: number) => void;
  readonly end: () => void;
};

/** Entries below which it is over before anybody reads it. */
const worthTelling = 20_000;

const steps = 100;

export const silent: Progress = { at: () => undefined, end: () => undefined };

const parts = (done: number, size: number, many: number): number =>
  Math.floor((done / Math.max(size, 1)) * many);

const line = (done: number, size: number): string =>
  `${done.toLocaleString('en')} of ${size.toLocaleString('en')} leaves`;

/** A bar on a terminal. */
const bar = (output: Writable, doing: string): Progress => {
  let shown: { readonly bar: ReturnType<typeof progress>; at: number } | undefined;
  return {
    at: (done, size) => {
      if (size < worthTelling) return;
      if (shown === undefined) {
        shown = { bar: progress({ max: steps, output, indicator: 'timer' }), at: 0 };
        shown.bar.start(doing);
      }
      const now = parts(done, size, steps);
      shown.bar.advance(now - shown.at, line(done, size));
      shown.at = now;
    },
    end: () => {
      shown?.bar.stop('Read to the end');
      shown = undefined;
    },
  };
};

/** A line each tenth, where nothing can be drawn. */
const lines = (output: Writable): Progress => {
  let tenth = 0;
  return {
    at: (done, size) => {
      const now = parts(done, size, 10);
      if (size < worthTelling || now === tenth) return;
      tenth = now;
      output.write(`${line(done, size)}\n`);
    },
    end: () => undefined,
  };
};

/** `doing` is what a bar is headed by. */
export const progressOn = (
  output: Pick<Stream, 'isTTY' | 'drawing'> & Writable,
  doing = 'Verifying',
): Progress => (output.isTTY === true ? bar(output.drawing ?? output, doing) : lines(output));
