import type { JsonValue } from '#shared/kernel/strict-json.ts';

/** What was said of persons in this run, so that it can be looked for where it must not be. */
export type Persons = {
  /** Notes every text inside a value. */
  readonly note: (value: JsonValue) => void;
  readonly values: () => readonly string[];
};

/** Bytes below which a text is found by chance. */
const shortest = 6;

/** Code words of a schema, such as `in-order`, tell of nobody by themselves. */
const tells = (text: string): boolean =>
  Buffer.byteLength(text) >= shortest && !/^[a-z]+(?:-[a-z]+)*$/.test(text);

const textsIn = (value: JsonValue): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
};

/** The texts inside a value that may tell of somebody. */
export const tellingTexts = (value: JsonValue): readonly string[] => textsIn(value).filter(tells);

export const rememberPersons = (): Persons => {
  const values = new Set<string>();
  return {
    note: (value) => {
      for (const text of tellingTexts(value)) values.add(text);
    },
    values: () => [...values],
  };
};
