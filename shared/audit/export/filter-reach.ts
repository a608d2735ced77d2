import {
  type ExportScope,
  type Filtering,
  type FilterWord,
  filterWords,
  valuesIn,
} from './export-filter.ts';

/** What censuses count by: a key of one is `<kind> <value>`. */
export const censusKinds = ['agency', 'counter', 'outcome', 'service'] as const;
export type CensusKind = (typeof censusKinds)[number];

/** Words of which one value fits the rows. */
type Pin = { readonly name: FilterWord; readonly values: readonly string[] };

/**
 * How far a filter reaches: what its rows must be all of. `only` is the one word that decides which
 * inquiries have a row, and its values; 'all' when every one has; undefined when more than one word, or
 * what no leaf says, decides. Times come on top.
 */
export type Reach = {
  readonly only: Pin | 'all' | undefined;
  /**
   * The keys of a census that count at least what has a row, ascending. Censuses count everybody's
   * inquiries, so whoever sees a part of the log is given none.
   */
  readonly keys: readonly string[];
};

const isCounted = (name: FilterWord): name is CensusKind =>
  censusKinds.some((kind) => kind === name);

/** A service without its version is no key of a census. */
const isKey = ({ name, values }: Pin): boolean =>
  isCounted(name) && (name !== 'service' || values.every((value) => value.includes('@')));

/** The pin that a scope comes to, where each of its parts names the same one word. */
const pinOf = (scope: readonly ExportScope[]): Pin | undefined => {
  for (const name of ['counter', 'agency'] as const) {
    const values = scope.flatMap((one) => one[name] ?? []);
    const alone = scope.every((one) => one[name] !== undefined && Object.keys(one).length === 1);
    if (alone) return { name, values: [...new Set(values)].toSorted() };
  }
  return undefined;
};

const both = (pins: readonly Pin[], name: FilterWord): Pin => {
  const own = pins.filter((pin) => pin.name === name).map(({ values }) => values);
  const [first = [], ...rest] = own;
  return { name, values: first.filter((value) => rest.every((one) => one.includes(value))) };
};

/** How far a filtered export reaches, by its filter and scope alone. */
export const reachOf = ({ filter, scope }: Filtering): Reach => {
  const named = filterWords.flatMap((name): readonly Pin[] => {
    const values = valuesIn(filter[name]);
    return values === undefined ? [] : [{ name, values }];
  });
  const seen = scope === undefined ? undefined : pinOf(scope);
  const isNarrower =
    filter.id !== undefined ||
    filter.province !== undefined ||
    (scope !== undefined && seen === undefined);
  const pins = [...named, ...(seen === undefined ? [] : [seen])];
  const names = [...new Set(pins.map(({ name }) => name))];
  const joined = names.map((name) => both(pins, name));
  const keys = (scope === undefined ? joined : [])
    .filter(isKey)
    .flatMap(({ name, values }) => values.map((value) => `${name} ${value}`))
    .toSorted();
  const [first] = joined;
  if (isNarrower || joined.length > 1) return { only: undefined, keys };
  return { only: first ?? 'all', keys };
};
