import * as z from 'zod';

const Count = z.int().min(0);

/** What came of making the indexes of one log again, or of comparing them with it. */
const LogIndexed = z.strictObject({
  shard: Count,
  /** Leaves that are published, and those that the index knows. */
  size: Count,
  known: Count,
  /** Inquiries of which the disclosures are lost or cannot be opened. */
  unopened: Count,
  /** Only where they were compared. */
  differences: z
    .array(
      z.strictObject({
        at: z.string(),
        problem: z.enum(['differs', 'missing', 'unreadable']),
        leaves: z.array(Count),
      }),
    )
    .exactOptional(),
});

/** What `estelam reindex` says of all logs that it was about. */
export const ReindexReport = z.strictObject({ logs: z.array(LogIndexed) });
export type ReindexReport = Readonly<z.infer<typeof ReindexReport>>;

type LogIndexed = ReindexReport['logs'][number];
type Difference = NonNullable<LogIndexed['differences']>[number];

/** Leaves that a line names; the others are a number. */
const mostNamed = 5;

const many = (count: number): string => count.toLocaleString('en');

const counted = (count: number, what: string, whats: string): string =>
  `${many(count)} ${count === 1 ? what : whats}`;

const problems = {
  differs: 'not what the log says',
  missing: 'missing',
  unreadable: 'cannot be read',
} as const satisfies Record<Difference['problem'], string>;

const differenceLine = ({ at, problem, leaves }: Difference): string => {
  const named = leaves.slice(0, mostNamed).join(', ');
  const more = leaves.length > mostNamed ? ` and ${many(leaves.length - mostNamed)} more` : '';
  const where = leaves.length === 0 ? '' : `, at leaf ${named}${more}`;
  return `  ${at}: ${problems[problem]}${where}`;
};

const headOf = ({ shard, known, differences }: LogIndexed): string => {
  const leaves = counted(known, 'leaf', 'leaves');
  if (differences === undefined) return `log ${shard}: ${leaves} indexed again`;
  if (differences.length === 0) return `log ${shard}: the index is what the log says, ${leaves}`;
  return `log ${shard}: ${counted(differences.length, 'difference', 'differences')} in ${leaves}`;
};

const linesOf = (log: LogIndexed): readonly string[] => {
  const { size, known, unopened, differences = [] } = log;
  return [
    headOf(log),
    ...differences.map(differenceLine),
    ...(known < size
      ? [`  ${counted(size - known, 'newer leaf is', 'newer leaves are')} not indexed yet`]
      : []),
    ...(unopened > 0
      ? [
          `  the disclosures of ${counted(unopened, 'inquiry', 'inquiries')} are lost or cannot be opened`,
        ]
      : []),
  ];
};

/** A report for a person to read. */
export const reindexText = ({ logs }: ReindexReport): string =>
  logs
    .flatMap(linesOf)
    .map((line) => `${line}\n`)
    .join('');

/** Whether anything in an index is not what its log says. */
export const differs = ({ logs }: ReindexReport): boolean =>
  logs.some(({ differences = [] }) => differences.length > 0);
