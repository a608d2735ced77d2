import DataLoader from 'dataloader';

/**
 * Loads one by one what is asked for in the same turn of the event loop by a single call, or by several
 * of at most `most` keys each. `load` gives as many values as it is given keys, in their order; where it
 * fails, everybody who asked in that call fails. Nothing is remembered.
 */
export const gathered = <Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  most: number,
): ((key: Key) => Promise<Value>) => {
  const loader = new DataLoader<Key, Value>(load, { cache: false, maxBatchSize: most });
  return (key) => loader.load(key);
};
