import { concat } from './bytes.ts';

/** All bytes of a stream; undefined as soon as there are more than `max`, and no more is read. */
export const readAtMost = async (
  source: AsyncIterable<unknown>,
  max: number,
): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('The stream is not one of bytes.');
    size += chunk.length;
    if (size > max) return undefined;
    chunks.push(chunk);
  }
  return concat(...chunks);
};
