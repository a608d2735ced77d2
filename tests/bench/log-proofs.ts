import { checkConsistency, checkInclusion } from '#shared/audit/tlog/check.ts';
import { emptyRoot, type Hash, leafHash, nodeHash } from '#shared/audit/tlog/hash.ts';
import { proveConsistency, proveInclusion, type ReadTiles } from '#shared/audit/tlog/prove.ts';
import { tilePath } from '#shared/audit/tlog/tile-path.ts';
import { appendTo, emptyEdge, partialTiles, rootOf } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { barChart } from './bar-chart.ts';
import { measureInTurns, type Work } from './measure.ts';
import { type Bench, times, whole } from './report.ts';
import { syntheticLog } from './synthetic-tiles.ts';

const million = 1_000_000;
const thousandMillion = 1_000_000_000;

/** Proofs of one turn. */
const count = 200;

type Subject = {
  readonly name: string;
  readonly size: number;
  readonly root: Hash;
  readonly leafAt: (index: number) => Hash;
  /** The root of an earlier tree, of one of the sizes in {@link growthOf}. */
  readonly rootAt: (size: number) => Hash;
  readonly read: ReadTiles;
};

const realLeaf = (index: number): Hash => leafHash(utf8(`entry ${index}`));

/** Indexes spread over the log, the first and the last among them. */
const indexesOf = (size: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => Math.floor((n * (size - 1)) / (count - 1)));

/** Sizes of earlier trees. */
const growthOf = (size: number): readonly number[] => indexesOf(size).map((index) => index + 1);

/** A log with a million different entries, its tiles in memory; and how long its hashes took. */
const realLog = (): { readonly subject: Subject; readonly microseconds: number } => {
  const tiles = new Map<string, Uint8Array>();
  const roots = new Map<number, Hash>();
  const wanted = new Set(growthOf(million));
  const before = process.cpuUsage();
  const { append, edge } = appendTo(emptyEdge, ({ bytes, ...id }) =>
    tiles.set(tilePath(id), bytes.slice()),
  );
  for (let index = 0; index < million; index += 1) {
    append(realLeaf(index));
    if (wanted.has(index + 1)) roots.set(index + 1, rootOf(edge()));
  }
  const { user, system } = process.cpuUsage(before);
  for (const { bytes, ...id } of partialTiles(edge())) tiles.set(tilePath(id), bytes);
  const read: ReadTiles = async (ids) =>
    ids.map((id) => tiles.get(tilePath(id)) ?? new Uint8Array());
  const rootAt = (size: number): Hash => roots.get(size) ?? emptyRoot;
  const subject = { size: million, root: rootOf(edge()), leafAt: realLeaf, rootAt, read };
  return { subject: { name: '10⁶ entries', ...subject }, microseconds: user + system };
};

const synthetic = (): Subject => {
  const { leaf, read, edge } = syntheticLog(thousandMillion);
  return {
    name: '10⁹ entries, synthetic tiles',
    size: thousandMillion,
    root: rootOf(edge),
    leafAt: () => leaf,
    rootAt: (size) => rootOf(syntheticLog(size).edge),
    read,
  };
};

const hold = (holds: boolean): void => {
  if (!holds) throw new Error('A proof of the bench does not hold.');
};

type Counts = { readonly tiles: number; readonly hashes: number };

const countTiles = async ({ size, read }: Subject): Promise<Counts> => {
  let tiles = 0;
  let hashes = 0;
  for (const index of indexesOf(size)) {
    const proof = await proveInclusion(index, size, (ids) => {
      tiles += ids.length;
      return read(ids);
    });
    hashes += proof.length;
  }
  return { tiles: tiles / count, hashes: hashes / count };
};

const worksOf = async (subject: Subject): Promise<readonly Work[]> => {
  const { name, size, root, leafAt, rootAt, read } = subject;
  const indexes = indexesOf(size);
  const proofs = await Promise.all(indexes.map((index) => proveInclusion(index, size, read)));
  const growth = await Promise.all(
    growthOf(size).map(async (old) => ({
      oldSize: BigInt(old),
      oldRoot: rootAt(old),
      size: BigInt(size),
      root,
      proof: await proveConsistency(old, size, read),
    })),
  );
  return [
    {
      name: `inclusion made, ${name}`,
      prepare: async () => ({
        items: count,
        run: async () => {
          for (const index of indexes) await proveInclusion(index, size, read);
        },
      }),
    },
    {
      name: `inclusion checked, ${name}`,
      prepare: async () => ({
        items: count,
        run: async () => {
          for (const [n, proof] of proofs.entries()) {
            const index = indexes[n] ?? 0;
            const claim = { leaf: leafAt(index), index: BigInt(index), size: BigInt(size) };
            hold(checkInclusion({ ...claim, root, proof }));
          }
        },
      }),
    },
    {
      name: `consistency made, ${name}`,
      prepare: async () => ({
        items: count,
        run: async () => {
          for (const old of growthOf(size)) await proveConsistency(old, size, read);
        },
      }),
    },
    {
      name: `consistency checked, ${name}`,
      prepare: async () => ({
        items: count,
        run: async () => {
          for (const claim of growth) hold(checkConsistency(claim));
        },
      }),
    },
  ];
};

const floorName = 'floor: one node hash';

const floor: Work = {
  name: floorName,
  prepare: async () => ({
    items: 10_000,
    run: async () => {
      let hash = realLeaf(0);
      for (let n = 0; n < 10_000; n += 1) hash = nodeHash(hash, hash);
    },
  }),
};

/** Time and tiles of proofs in a log of a million entries, and of a thousand million. */
export const proofs: Bench = async (progress) => {
  progress(0, 'a log of a million entries');
  const { subject, microseconds } = realLog();
  const subjects = [subject, synthetic()];
  const counts = await Promise.all(subjects.map(countTiles));
  const works = (await Promise.all(subjects.map(worksOf))).flat();
  const { rounds, medians } = await measureInTurns(
    [...works, floor],
    { warmUp: 3, seconds: 6 },
    (share) => progress(0.4 + share * 0.6, 'proofs, in turns'),
  );
  const one = medians.get(floorName) ?? 0;
  return {
    tables: [
      {
        title: 'One proof, tiles in memory (CPU)',
        columns: ['', 'µs', '÷ node hash'],
        rows: [...medians].map(([name, value]) => [name, value.toFixed(1), times(value / one)]),
      },
      {
        title: 'What an inclusion proof reads and holds (means)',
        columns: ['', 'tiles', 'hashes'],
        rows: subjects.map(({ name }, n) => [
          name,
          (counts[n]?.tiles ?? 0).toFixed(1),
          (counts[n]?.hashes ?? 0).toFixed(1),
        ]),
      },
    ],
    notes: [
      `Medians of ${rounds} rounds of ${count} proofs, spread over the whole log.`,
      `Building the tree of a million small entries: ${whole(1e12 / microseconds)} leaves/s of CPU, their hashes with it.`,
    ],
    aims: [],
    failures: [],
    figures: {
      rounds,
      ...Object.fromEntries(medians),
      counts: Object.fromEntries(subjects.map(({ name }, n) => [name, counts[n]])),
      leavesPerSecond: 1e12 / microseconds,
    },
    pictures: {
      'log-proofs': barChart({
        title: 'What a proof costs',
        subtitle: 'Microseconds of CPU for one proof, tiles in memory',
        scale: 'linear',
        bars: [...medians].map(([label, value]) => ({
          label,
          value,
          says: `${value.toFixed(1)} µs`,
          tone: label === floorName ? ('floor' as const) : ('ours' as const),
        })),
      }),
    },
  };
};
