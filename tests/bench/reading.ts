import { loadAuditReading } from '#functions/runtime/audit-reading.ts';
import type { Env } from '#functions/runtime/env.ts';
import { loadFactsReading } from '#functions/runtime/facts-reading.ts';
import { loadSubjectReading } from '#functions/runtime/subject-reading.ts';
import { toRfc3339 } from '#shared/kernel/instant-text.ts';
import { filterOf } from '#shared/oversight/entries/audit-filter.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { listEntries } from '#shared/oversight/entries/list-entries.ts';
import { runSubjectSearch } from '#shared/oversight/facts/run-subject-search.ts';
import { parseSubjectSearch } from '#shared/oversight/facts/subject-search.ts';
import { onRecord } from '#shared/oversight/read-on-record.ts';
import { readAccesses } from '#shared/oversight/subject/read-accesses.ts';
import { barChart } from './bar-chart.ts';
import { median } from './measure.ts';
import { type Aim, type Bench, times, whole } from './report.ts';
import { knownPerson, personAt } from './stored-log.ts';
import { readers, startStoredPlace } from './stored-place.ts';
import { counterOfRank, firstDay, serviceOfRank } from './synthetic-facts.ts';

const small = 10_000;
const rounds = 9;
/** Entries of a page. */
const limit = 100;
const aims = { page: 50, history: 20, ratio: 1.5 } as const;
const hour = 3_600_000;
const day = 24 * hour;

/** How many entries there were to see, and in how many answers. */
type Came = { readonly found: number; readonly pages: number };

/** What somebody wants to see, in a process that opened nothing before. */
type Look = { readonly name: string; readonly aim: number; readonly see: See };
type See = (env: Env) => Promise<(round: number) => Promise<Came>>;

/** Pages of a listing, each on record as its reader's, until there are as many entries or no more. */
const page =
  (by: string, asked: Readonly<Record<string, string>>): See =>
  async (env) => {
    const reading = await loadAuditReading(env);
    return async () => {
      let [found, pages, more] = [0, 0, true];
      let cursor: string | undefined;
      while (more && found < limit) {
        const query = parseAuditQuery({
          from: toRfc3339(firstDay),
          to: toRfc3339(firstDay + 5 * day),
          ...asked,
          limit: String(limit - found),
          ...(cursor !== undefined && { cursor }),
        });
        const read = { by, kid: 'bench', act: 'entries', filter: filterOf(query) } as const;
        const { entries, next } = await onRecord(reading)(read, async () => {
          const listed = await listEntries(reading)(query, by);
          return { ...listed, n: listed.entries.length };
        });
        found += entries.length;
        pages += 1;
        [cursor, more] = [next, next !== undefined];
      }
      return { found, pages };
    };
  };

/** What a person sees of who asked about it. */
const history =
  (person: typeof knownPerson, most: number): See =>
  async (env) => {
    const read = readAccesses(await loadSubjectReading(env));
    return async () => {
      const { accesses } = await read(person, { limit: most }, 'fa');
      return { found: accesses.length, pages: 1 };
    };
  };

/** What an auditor with an order sees of a person. */
const search =
  (person: typeof knownPerson, most: number): See =>
  async (env) => {
    const reading = await loadFactsReading(env);
    return async (round) => {
      // Each round is another reader: nobody may search so often.
      const sender = { by: readers.all, kid: `bench-${round}` };
      const asked = parseSubjectSearch({ subject: person, order: 'bench-1405-1', limit: most });
      const { page: found } = await runSubjectSearch(reading)(asked, sender);
      return { found: found.entries.length, pages: 1 };
    };
  };

const looks: readonly Look[] = [
  { name: 'everything, the newest', aim: aims.page, see: page(readers.all, { order: 'newest' }) },
  { name: 'everything, the oldest', aim: aims.page, see: page(readers.all, {}) },
  ...[
    { name: 'outcome FOUND', of: { outcome: 'FOUND' } },
    { name: 'busiest counter, FOUND', of: { counter: counterOfRank(0), outcome: 'FOUND' } },
    { name: 'denied, with a case', of: { effect: 'deny', hasCase: 'true' } },
    { name: 'counter of rank 1,000', of: { counter: counterOfRank(999) } },
    {
      name: 'common words that never meet',
      of: { service: serviceOfRank(150), presence: 'none', outcome: 'TIMEOUT' },
    },
    {
      name: 'an hour of one agency',
      of: {
        agency: 'agency:office-3',
        from: toRfc3339(firstDay + 9 * hour),
        to: toRfc3339(firstDay + 10 * hour),
      },
    },
  ].map(({ name, of }) => ({
    name,
    aim: aims.page,
    see: page(readers.all, { order: 'newest', ...of }),
  })),
  {
    name: 'of a province, to whom sees no other',
    aim: aims.page,
    see: page(readers.province, { order: 'newest' }),
  },
  {
    name: 'with the texts of the leaves',
    aim: aims.page,
    see: page(readers.all, { order: 'newest', include: 'record' }),
  },
  { name: 'a person’s search, under an order', aim: aims.page, see: search(knownPerson, 100) },
  { name: 'a person of one inquiry', aim: aims.history, see: history(personAt(4242), 20) },
  { name: 'a person of many: a page of 20', aim: aims.history, see: history(knownPerson, 20) },
  { name: 'a person of many: a page of 50', aim: aims.history, see: history(knownPerson, 50) },
];

type Seen = Came & { readonly first: number; readonly again: number };

const clocked = async (work: () => Promise<Came>) => {
  const before = performance.now();
  const came = await work();
  return { took: performance.now() - before, came };
};

/** Medians by the clock: in a process that opened nothing before, and once more. */
const measure = async ({ see }: Look, env: Env): Promise<Seen> => {
  const firsts: number[] = [];
  const agains: number[] = [];
  let came: Came = { found: 0, pages: 1 };
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const look = await see(env);
    const first = await clocked(() => look(round));
    const again = await clocked(() => look(round));
    ({ came } = first);
    if (round === 0) continue;
    firsts.push(first.took);
    agains.push(again.took);
  }
  return { first: median(firsts), again: median(agains), ...came };
};

type Compared = { readonly look: Look; readonly few: Seen; readonly many: Seen };

/** Where a small log shows as much, a large one has no more to do; elsewhere there is no ratio. */
const ratioOf = ({ few, many }: Compared): number | undefined =>
  few.found === many.found && few.found > 0 ? many.first / few.first : undefined;

const ms = (value: number): string => value.toFixed(1);

/** A page is what one answer shows: it may be short, or empty, and go on. */
const aimOf = (one: Compared): Aim => {
  const ratio = ratioOf(one);
  const compared = ratio === undefined ? '' : `; ${times(ratio)} of 10⁴, at most ${aims.ratio}`;
  const { look, many } = one;
  const onePage = many.first / many.pages;
  return {
    says: `${look.name}: ${ms(onePage)} ms a page, at most ${look.aim}${compared}`,
    met: onePage <= look.aim && (ratio ?? 0) <= aims.ratio,
  };
};

const measureAll = async (
  size: number,
  progress: (share: number, doing: string) => void,
): Promise<ReadonlyMap<string, Seen>> => {
  const place = await startStoredPlace(size, (share, doing) =>
    progress(share * 0.9, `${whole(size)} entries: ${doing}`),
  );
  try {
    const seen = new Map<string, Seen>();
    for (const look of looks) {
      progress(0.9 + seen.size / looks.length / 10, `${whole(size)} entries: pages`);
      seen.set(look.name, await measure(look, place.env));
    }
    return seen;
  } finally {
    await place.close();
  }
};

/** How long pages and histories take over files and the embedded store, each read on record. */
export const reading: Bench = async (progress, { full }) => {
  const large = full ? 1_000_000 : 100_000;
  const few = await measureAll(small, (share, doing) => progress(share * 0.1, doing));
  const many = await measureAll(large, (share, doing) => progress(0.1 + share * 0.9, doing));
  const none = { first: Number.NaN, again: Number.NaN, found: 0, pages: 1 };
  const compared = looks.map(
    (look): Compared => ({
      look,
      few: few.get(look.name) ?? none,
      many: many.get(look.name) ?? none,
    }),
  );
  return {
    tables: [
      {
        title: 'What is read, over files and the embedded store: ms by the clock',
        columns: ['', whole(small), whole(large), '÷', 'again', 'entries', 'pages'],
        rows: compared.map((one) => {
          const ratio = ratioOf(one);
          return [
            one.look.name,
            ms(one.few.first),
            ms(one.many.first),
            ratio === undefined ? '' : times(ratio),
            ms(one.many.again),
            whole(one.many.found),
            whole(one.many.pages),
          ];
        }),
      },
    ],
    notes: [
      `Medians of ${rounds} rounds. Each goes on until a page of ${limit} is full or all is listed, in a process`,
      'whose index, registry and log are not opened yet; every page is put on record where an auditor reads.',
      '"again" is the same once more. The files are in the page cache of the machine.',
      ...(full ? [] : ['A million entries take some minutes more: --full.']),
    ],
    aims: compared.map(aimOf),
    failures: [],
    figures: { large, few: Object.fromEntries(few), many: Object.fromEntries(many) },
    pictures: {
      reading: barChart({
        title: `What is read of ${whole(large)} entries`,
        subtitle:
          'Milliseconds by the clock, over files and the embedded store, nothing opened before',
        scale: 'linear',
        bars: compared.map(({ look, many: { first, found } }) => ({
          label: look.name,
          value: first,
          says: `${ms(first)} ms, ${whole(found)} entries`,
          tone: 'ours',
        })),
      }),
    },
  };
};
