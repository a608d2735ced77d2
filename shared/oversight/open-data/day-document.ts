import * as z from 'zod';
import { ascending } from '../../audit/ascending.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { csvText } from '../../kernel/csv.ts';
import { type DayCounts, outcomeClasses, type ServiceCounts } from './day-counts.ts';
import { type Cell, mergeHours, mergeSmall } from './merge-small.ts';

/** The least number of inquiries that is told, and what every number told is a multiple of. */
export const floor = 10;

/** The name under which services are told together. */
export const otherServices = 'other';

const Count = z.int().min(floor).multipleOf(floor);

/** What the public is told of a day. Every number is rounded, so that sums differ by a little. */
export const DayDocument = z.strictObject({
  /** By its Gregorian date in Tehran. */
  day: z.iso.date(),
  floor: z.literal(floor),
  /** Of all inquiries; `null`: fewer than the floor, perhaps none. */
  total: Count.nullable(),
  services: z.array(
    z.strictObject({
      /** `agency/name@version`, or {@link otherServices}. */
      service: z.string(),
      /** Those told as one number are named together. */
      counts: z.array(z.strictObject({ outcomes: z.array(z.enum(outcomeClasses)), n: Count })),
    }),
  ),
  /** Hours since the day began, from `from` up to and without `to`. */
  hours: z.array(z.strictObject({ from: z.int().min(0), to: z.int().min(1), n: Count })),
});
export type DayDocument = z.infer<typeof DayDocument>;

/** To the nearest multiple of the floor, halves up. */
const rounded = (n: number): number => Math.floor(n / floor + 0.5) * floor;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

const totalOf = ({ classes }: ServiceCounts): number =>
  sum(outcomeClasses.map((name) => classes[name]));

type Row = { readonly service: string; readonly counts: readonly ServiceCounts[] };

/** The rows of services that are told: those below the floor in one, with the name of none. */
const rowsOf = ({ services }: DayCounts): readonly Row[] => {
  const cells = [...services].map(([name, counts]): Cell => ({ name, n: totalOf(counts) }));
  const isMadeUp = ({ name }: Cell): boolean => (services.get(name)?.allowed ?? 0) === 0;
  const countsOf = (names: readonly string[]): readonly ServiceCounts[] =>
    names.flatMap((name) => services.get(name) ?? []);
  const { merged, single } = mergeSmall(cells, floor, isMadeUp);
  const alone = single.map(({ name }): Row => ({ service: name, counts: countsOf([name]) }));
  return [
    ...alone.toSorted((a, b) => ascending(a.service, b.service)),
    ...(merged === undefined ? [] : [{ service: otherServices, counts: countsOf(merged.names) }]),
  ];
};

const placeOf = (outcomes: readonly string[]): number =>
  outcomeClasses.findIndex((name) => outcomes.includes(name));

const documentRow = ({ service, counts }: Row): DayDocument['services'][number] => {
  const cells = outcomeClasses.map(
    (name): Cell => ({ name, n: sum(counts.map(({ classes }) => classes[name])) }),
  );
  const { merged, single } = mergeSmall(cells, floor);
  const groups = [
    ...single.map(({ name, n }) => ({ names: [name], n })),
    ...(merged === undefined ? [] : [merged]),
  ];
  const told = groups.map(({ names, n }) => ({
    outcomes: outcomeClasses.filter((name) => names.includes(name)),
    n: rounded(n),
  }));
  return {
    service,
    counts: told.toSorted((a, b) => placeOf(a.outcomes) - placeOf(b.outcomes)),
  };
};

/**
 * What the public may be told of a day (decision 31): numbers of at least {@link floor} inquiries, each
 * rounded, none of which is a part of another but of the total.
 */
export const dayDocument = (day: string, counts: DayCounts): DayDocument => {
  const total = sum(counts.hours);
  if (total < floor) return { day, floor, total: null, services: [], hours: [] };
  return {
    day,
    floor,
    total: rounded(total),
    services: rowsOf(counts).map(documentRow),
    hours: mergeHours(counts.hours, floor).map((span) => ({ ...span, n: rounded(span.n) })),
  };
};

/** The bytes of a day as they are kept and sent: the same for the same counts. */
export const dayBytes = (document: DayDocument): Uint8Array => utf8(canonicalJson(document));

/** A day as a table: a row for each number. */
export const dayCsv = ({ day, total, services, hours }: DayDocument): string =>
  csvText([
    ['day', 'service', 'outcomes', 'from_hour', 'to_hour', 'count'],
    ...(total === null ? [] : [[day, 'all', 'all', undefined, undefined, total]]),
    ...services.flatMap(({ service, counts }) =>
      counts.map(({ outcomes, n }) => [day, service, outcomes.join('+'), undefined, undefined, n]),
    ),
    ...hours.map(({ from, to, n }) => [day, 'all', 'all', from, to, n]),
  ]);
