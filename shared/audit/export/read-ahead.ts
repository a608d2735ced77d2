/** Things that are read before they are asked for. */
const usualAhead = 4;

/** Reads each thing and gives them in their order, so many of them read ahead. */
export const readAhead = async function* <Item, Read>(
  items: Iterable<Item>,
  read: (item: Item) => Promise<Read>,
  ahead = usualAhead,
): AsyncGenerator<readonly [Item, Read], void, undefined> {
  const reading: (readonly [Item, Promise<Read>])[] = [];
  const first = async (): Promise<readonly (readonly [Item, Read])[]> => {
    const next = reading.shift();
    return next === undefined ? [] : [[next[0], await next[1]]];
  };
  for (const item of items) {
    const one = read(item);
    // Whoever asks for it sees that it failed; nobody may ask any more.
    one.catch(() => undefined);
    reading.push([item, one]);
    if (reading.length > ahead) yield* await first();
  }
  while (reading.length > 0) yield* await first();
};
