import * as z from 'zod';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import {
  type ExportFilter,
  type ExportScope,
  type Filtering,
  filterWords,
  valuesIn,
} from './export-filter.ts';
import type { Select } from './export-pieces.ts';
import { viewOf } from './view.ts';

/**
 * Whether a leaf has a row in a filtered export. `untold`: its counter's province decides; `behind`: it
 * has one when the leaf before it has one.
 */
export type Belonging = 'row' | 'none' | 'untold' | 'behind';

/** Of records, those by which the rows are judged: who read what else is nobody's business here. */
const judging: readonly unknown[] = ['registry', 'key', 'config', 'late', 'census'];

/** What of the registry anybody may look up. */
const open: readonly unknown[] = ['key', 'participant', 'service'];

const allOf = (all: readonly Belonging[]): Belonging => {
  if (all.includes('none')) return 'none';
  return all.includes('untold') ? 'untold' : 'row';
};

const anyOf = (all: readonly Belonging[]): Belonging => {
  if (all.includes('row')) return 'row';
  return all.includes('untold') ? 'untold' : 'none';
};

const when = (holds: boolean): Belonging => (holds ? 'row' : 'none');

const inProvince = (
  wanted: readonly string[] | undefined,
  province: string | undefined,
): Belonging => {
  if (wanted === undefined) return 'row';
  return province === undefined ? 'untold' : when(wanted.includes(province));
};

const isInTime = ({ from, to }: ExportFilter, id: unknown): boolean => {
  if (from === undefined && to === undefined) return true;
  const parsed = InquiryId.safeParse(id).data;
  if (parsed === undefined) return false;
  const time = timeOf(parsed);
  return (
    (from === undefined || Date.parse(from) <= time) && (to === undefined || time < Date.parse(to))
  );
};

const isNamed = (wanted: readonly string[] | undefined, value: unknown): boolean =>
  wanted === undefined || (typeof value === 'string' && wanted.includes(value));

const isOfService = (wanted: readonly string[] | undefined, service: unknown): boolean =>
  isNamed(wanted, service) ||
  (typeof service === 'string' && isNamed(wanted, service.split('@', 1)[0]));

const meets = (filter: ExportFilter, view: JsonObject, province: string | undefined): Belonging =>
  allOf([
    when(isInTime(filter, view['id']) && isNamed(valuesIn(filter.id), view['id'])),
    ...filterWords.map((name) => {
      const wanted = valuesIn(filter[name]);
      return when(
        name === 'service' ? isOfService(wanted, view['service']) : isNamed(wanted, view[name]),
      );
    }),
    inProvince(valuesIn(filter.province), province),
  ]);

const isSeen = (scope: ExportScope, view: JsonObject, province: string | undefined): Belonging =>
  allOf([
    when(isNamed(valuesIn(scope.counter), view['counter'])),
    when(isNamed(valuesIn(scope.agency), view['agency'])),
    inProvince(valuesIn(scope.province), province),
  ]);

/** The participants that a filter names, whose statements say what its rows must be; none: of all. */
export const participantsIn = (filter: ExportFilter): readonly string[] | undefined => {
  const services = valuesIn(filter.service)?.map((one) => `agency:${one.split('/', 1)[0] ?? ''}`);
  const named = [valuesIn(filter.counter), valuesIn(filter.by), valuesIn(filter.agency), services];
  return named.every((one) => one === undefined) ? undefined : named.flatMap((one) => one ?? []);
};

/** A statement is its participant's own: of nobody else's numbers may it tell. */
const isOwn = (
  { counter, agency, province }: ExportScope,
  by: string,
  own: string | undefined,
): Belonging => {
  if (counter !== undefined && agency !== undefined) return 'none';
  const named = counter ?? agency;
  return allOf([
    when(named === undefined || named === by),
    inProvince(valuesIn(province), by.startsWith('counter:') ? own : ''),
  ]);
};

const statementBelongs = (
  { filter, scope }: Filtering,
  view: JsonObject,
  province: string | undefined,
): Belonging => {
  const by = view['iss'];
  if (typeof by !== 'string') return 'none';
  const named = isNamed(participantsIn(filter), by);
  if (!named || scope === undefined) return when(named);
  return anyOf(scope.map((one) => isOwn(one, by, province)));
};

const Changed = z.array(z.looseObject({ kind: z.string(), key: z.string() }));

/** What a change of the registry changed. */
const changedIn = ({ item, key, entries }: JsonObject): z.infer<typeof Changed> =>
  Changed.safeParse(entries ?? [{ kind: item ?? null, key: key ?? null }]).data ?? [];

/** Whether a change puts a key on record, and nothing that only some may look up. */
const isOpenChange = (view: JsonObject): boolean => {
  const changed = changedIn(view);
  return (
    changed.some(({ kind }) => kind === 'key') &&
    changed.every(({ kind, key }) => open.includes(kind) && !key.startsWith('auditor:'))
  );
};

/** Which records whoever sees a part of the log is given: nothing of the rest shows in them. */
const recordInScope = (view: JsonObject): Belonging => {
  const { kind } = view;
  if (kind === 'registry') return when(isOpenChange(view));
  return kind === 'late' ? 'behind' : when(kind === 'key' || kind === 'config');
};

/**
 * Which leaves have a row in a filtered export; whoever makes one and whoever verifies it go by this.
 * An inquiry has one that meets the filter and lies within a scope; so has every leaf by which rows are
 * judged (changes of the registry, keys, settings, late notices, censuses), and the statement of a
 * participant whom the filter names. With a scope, nothing may show of what lies outside of it: of these
 * only keys, the settings, the notices of late rows, and the statements of the scope's own. `province` is that of the inquiry's
 * counter, or of the counter that states; undefined when it is not known, as to those who verify.
 */
export const belonging = (
  filtering: Filtering,
  view: JsonObject,
  province: string | undefined,
): Belonging => {
  const { filter, scope } = filtering;
  const { kind } = view;
  if (kind === 'inquiry') {
    const seen = scope?.map((one) => isSeen(one, view, province)) ?? ['row'];
    return allOf([meets(filter, view, province), anyOf(seen)]);
  }
  if (kind === 'statement') return statementBelongs(filtering, view, province);
  return scope === undefined ? when(judging.includes(kind)) : recordInScope(view);
};

/** Who is where: the province of a counter as of a time in milliseconds, if it is known. */
export type ProvinceOf = (counter: string, time: number) => Promise<string | undefined>;

const counterIn = (view: JsonObject): string | undefined => {
  const counter = view['kind'] === 'statement' ? view['iss'] : view['counter'];
  return typeof counter === 'string' ? counter : undefined;
};

/** Selects the rows of a filtered export; `provinceOf` is asked only where a province decides. */
export const selecting = (filtering: Filtering, provinceOf: ProvinceOf): Select => {
  const isRow = async (
    view: JsonObject,
    before: () => Promise<Uint8Array | undefined>,
  ): Promise<boolean> => {
    const found = belonging(filtering, view, undefined);
    if (found === 'behind') {
      const data = await before();
      return data !== undefined && (await isRow(viewOf(data), async () => undefined));
    }
    if (found !== 'untold') return found === 'row';
    const id = InquiryId.safeParse(view['id']).data;
    const counter = counterIn(view);
    if (id === undefined || counter === undefined) return false;
    const province = await provinceOf(counter, timeOf(id));
    return province !== undefined && belonging(filtering, view, province) === 'row';
  };
  return (_, data, before) => isRow(viewOf(data), before);
};
