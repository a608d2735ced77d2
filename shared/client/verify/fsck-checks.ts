import { type Check, type Failure, failed, passed, skipped } from './failure.ts';
import type { Findings } from './findings.ts';
import type { LogSeen } from './log-tally.ts';
import { type NotedCounts, NotedKind } from './noted-leaf.ts';

/**
 * `all`; `keys`: of the signatures in the entries those of commands alone, by which keys come on record;
 * `form`: entries are read and no signature in them is verified; `hashes`: not read at all.
 */
export type Depth = 'all' | 'keys' | 'form' | 'hashes';

export const count = (many: number, one: string, more = `${one}s`): string =>
  `${many} ${many === 1 ? one : more}`;

/** A check by the findings of one class. */
const byFindings = (name: string, failure: Failure, findings: Findings, right: string): Check => {
  const wrong = findings.count(failure);
  return wrong === 0 ? passed(name, right) : failed(name, failure, count(wrong, 'finding'));
};

/** What is said of the tree. */
export const treeCheckOf = (
  depth: Depth,
  findings: Findings,
  { leaves, tiles }: { readonly leaves: number; readonly tiles: number },
): Check => {
  const many =
    depth === 'hashes'
      ? count(leaves, 'leaf hash', 'leaf hashes')
      : count(leaves, 'entry', 'entries');
  return byFindings('tree', 'tree', findings, `${many}, ${count(tiles, 'tile')}, and the root`);
};

/** How many leaves of each sort were judged. */
type Judged = {
  readonly inquiries: number;
  readonly commands: number;
  readonly statements: number;
  readonly late: number;
  readonly noted: NotedCounts;
};

/** What one of them is called, and more of them. */
const notedNames = {
  access: { one: 'read', more: 'reads' },
  erase: { one: 'erasure', more: 'erasures' },
  hold: { one: 'hold set', more: 'holds set' },
  census: { one: 'census', more: 'censuses' },
  statement: { one: 'statement', more: 'statements' },
  dispute: { one: 'dispute', more: 'disputes' },
} as const satisfies Readonly<Record<NotedKind, object>>;

const formsOf = ({ noted }: Judged): string => {
  const some = NotedKind.options.filter((kind) => noted[kind] > 0);
  const named = some.map((kind) => count(noted[kind], notedNames[kind].one, notedNames[kind].more));
  return ['every leaf has its form', ...named].join(', ');
};

const signedBy = ({ inquiries, commands, statements }: Judged): string => {
  const also = [
    ...(commands === 0 ? [] : [count(commands, 'command')]),
    ...(statements === 0 ? [] : [count(statements, 'statement')]),
  ].map((many) => ` and ${many}`);
  return `of ${count(inquiries, 'inquiry', 'inquiries')}${also.join('')}, by keys on record`;
};

/** What is said of how keys came on record, where no more signatures are looked at. */
const registryRight = (depth: Depth, { commands }: Judged): string =>
  depth === 'keys'
    ? `its leaves are sound, and the signatures of ${count(commands, 'command')} by keys on record`
    : 'the registry leaves are sound';

/** What is said of the censuses; nothing where there are none. */
const censusChecks = (findings: Findings, logs: readonly LogSeen[]): readonly Check[] => {
  const checked = logs.reduce((sum, { censuses }) => sum + censuses.checked, 0);
  const outside = logs.reduce((sum, { censuses }) => sum + censuses.outside, 0);
  const wrong = findings.count('census');
  const right = `${count(checked, 'census', 'censuses')} taken again, each as it says`;
  return [
    ...(wrong > 0 ? [failed('censuses', 'census', count(wrong, 'finding'))] : []),
    ...(wrong === 0 && checked > 0 ? [passed('censuses', right)] : []),
    ...(outside > 0
      ? [
          skipped(
            'censuses outside',
            `${count(outside, 'census', 'censuses')}, which count leaves that were not read here`,
          ),
        ]
      : []),
  ];
};

/** What is said of the leaves themselves. */
export const leafChecks = (
  depth: Depth,
  findings: Findings,
  judged: Judged,
  logs: readonly LogSeen[],
): readonly Check[] => {
  if (depth === 'hashes') {
    return [skipped('entries', 'their form, order, ids and signatures')];
  }
  return [
    byFindings('form', 'malformed', findings, formsOf(judged)),
    byFindings(
      'order',
      'order',
      findings,
      `buckets of ten seconds never go back, ${count(judged.late, 'late entry', 'late entries')}, no id twice among neighbours`,
    ),
    ...(depth !== 'all'
      ? [
          byFindings('registry', 'message', findings, registryRight(depth, judged)),
          skipped('signatures', 'the signatures of counters and agencies were not verified'),
        ]
      : [byFindings('signatures', 'message', findings, signedBy(judged))]),
    ...censusChecks(findings, logs),
  ];
};
