import { canonicalJson } from '../../kernel/canonical-json.ts';
import { ascending } from '../ascending.ts';
import { type InquirySaid, saidInLeaf } from '../inquiry-said.ts';
import { rootOfLines } from './census-tree.ts';

/** What inquiries are counted by. */
const kindsOf = ({ counter, agency, service, outcome }: InquirySaid) =>
  ({ agency, counter, outcome, service }) as const;

/** Services that the text of a census names, the most asked ones: the rest is one number. */
export const namedServices = 256;

/** How many inquiries there are of one thing. */
type Counts = ReadonlyMap<string, number>;

/** What was counted, by each kind of it. */
export type Tables = Readonly<Record<keyof ReturnType<typeof kindsOf>, Counts>>;

/** How often what was asked, in a range of leaves. */
export type Census = {
  /** Inquiries, the ones that cannot be read too. */
  readonly n: number;
  /** base64url: the RFC 6962 root over all lines `<kind> <key> <count>`, sorted by code units. */
  readonly root: string;
  /**
   * RFC 8785 text of `{agencies, counters, outcomes, rest?, services}`: how many agencies and counters
   * there are, and the counts of each outcome and of the services that are asked most. With fifteen
   * thousand counters the lines do not fit into a leaf: the root holds all of them, this text does not.
   */
  readonly counts: string;
  /** The lines that the root is over: what proves one of them to somebody. */
  readonly lines: readonly string[];
};

/** Takes a census of leaves in any order. */
export type CensusTaker = {
  readonly add: (leaf: Uint8Array) => void;
  readonly read: () => Census;
};

const sorted = (counts: Counts): readonly (readonly [string, number])[] =>
  [...counts].toSorted(([a], [b]) => ascending(a, b));

const textOf = (tables: Tables): string => {
  const byCount = sorted(tables.service).toSorted(([, a], [, b]) => b - a);
  const rest = byCount.slice(namedServices).reduce((sum, [, count]) => sum + count, 0);
  return canonicalJson({
    agencies: tables.agency.size,
    counters: tables.counter.size,
    outcomes: Object.fromEntries(tables.outcome),
    services: Object.fromEntries(byCount.slice(0, namedServices)),
    ...(rest > 0 && { rest }),
  });
};

const names = ['agency', 'counter', 'outcome', 'service'] as const;

/** The census that tables come to, of so many inquiries, of which some cannot be read. */
export const censusFrom = (tables: Tables, n: number, unread: number): Census => {
  const lines = [
    ...names.flatMap((name) => [...tables[name]].map(([key, count]) => `${name} ${key} ${count}`)),
    ...(unread > 0 ? [`unread inquiry ${unread}`] : []),
  ].toSorted(ascending);
  return { n, root: rootOfLines(lines), counts: textOf(tables), lines };
};

/** Takes a census in memory that grows with what is counted, not with the inquiries. */
export const takeCensus = (): CensusTaker => {
  const tables = {
    agency: new Map<string, number>(),
    counter: new Map<string, number>(),
    outcome: new Map<string, number>(),
    service: new Map<string, number>(),
  };
  let [n, unread] = [0, 0];
  return {
    add: (leaf) => {
      const said = saidInLeaf(leaf);
      if (said === undefined) return;
      n += 1;
      if (said === 'unread') {
        unread += 1;
        return;
      }
      const keys = kindsOf(said);
      for (const name of names) {
        tables[name].set(keys[name], (tables[name].get(keys[name]) ?? 0) + 1);
      }
    },
    read: () => censusFrom(tables, n, unread),
  };
};

/** The census of leaves, as {@link takeCensus} takes it. */
export const census = (leaves: Iterable<Uint8Array>): Census => {
  const { add, read } = takeCensus();
  for (const leaf of leaves) add(leaf);
  return read();
};
