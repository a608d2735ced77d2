import { Writable } from 'node:stream';
import { printableOutput } from './printable.ts';

/** Where a command writes. */
export type Stream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Where bars are drawn, which move the cursor; the stream itself where there is no other. */
  readonly drawing?: Writable;
};

/** A stream that lets no control through which somebody outside has put into a text. */
export const printing = (target: Stream): Stream => {
  const { isTTY, columns } = target;
  const guarded = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _, done) => {
      target.write(printableOutput(String(chunk)), done);
    },
  });
  return Object.assign(guarded, {
    drawing: target,
    ...(isTTY !== undefined && { isTTY }),
    ...(columns !== undefined && { columns }),
  });
};
