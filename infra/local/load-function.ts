type Loaded = (...values: readonly unknown[]) => unknown;

const isFunction = (value: unknown): value is Loaded => typeof value === 'function';

/** A function of functions/runtime: found by its path, as the handlers are. */
export const loadFunction = async (file: string, name: string): Promise<Loaded> => {
  const path = new URL(`../../functions/runtime/${file}`, import.meta.url);
  const module: unknown = await import(path.href);
  const found = Object.entries(typeof module === 'object' && module !== null ? module : {});
  const value: unknown = found.find(([exported]) => exported === name)?.[1];
  if (!isFunction(value)) throw new TypeError(`functions/runtime/${file} has no ${name}.`);
  return value;
};
