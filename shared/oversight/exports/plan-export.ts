import type { ExportScope, Filtering } from '../../audit/export/export-filter.ts';
import { logFiles } from '../../audit/sequence/log-files.ts';
import { suggestedPolicy } from '../../inquiry/suggested-policy.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { Problem } from '../../kernel/problem.ts';
import { narrowing, type Scope } from '../../registry/scope.ts';
import type { IndexReading } from '../entries/index-edge.ts';
import { type Cut, type CutParts, cutLogs } from './export-cut.ts';
import { type ExportPlan, leavesIn } from './export-plan.ts';
import type { ExportRequest, LeafRange } from './export-request.ts';
import { rangeInTime, type Times } from './filter-ranges.ts';
import type { ReaderClass } from './open-exports.ts';
import { type PendingParts, pendingInquiries } from './pending-inquiries.ts';

/**
 * Leaves that one export may look at, and one by a filter of who does not audit. A row is more than 2 KiB, and a tar holds less than 8 GiB of them;
 * of a filter most leaves have none.
 */
const mostLeaves = { range: 4_194_304, filter: 16_777_216, own: 4_194_304 } as const;

export type PlanParts = CutParts &
  PendingParts & {
    readonly reading: IndexReading;
  };

type What = Pick<ExportPlan, 'parts' | 'filtering' | 'pending'>;

const refused = (pointer: string, detail: string): Problem =>
  new Problem('invalid-body', 'This cannot be exported.', { errors: [{ pointer, detail }] });

const shardsOf = ({ settings }: PlanParts): readonly number[] =>
  Array.from({ length: settings.layout.shards }, (_, shard) => shard);

const whole = (cut: Cut) => ({ ...cut, from: 0, to: cut.size });

const rangeWithin = (cut: Cut, { from = 0, to = cut.size }: LeafRange) => {
  if (from < to && to <= cut.size) return { ...cut, from, to };
  const said = `must lie within the ${cut.size} leaves that a quorum of witnesses has seen`;
  throw refused('/range', said);
};

/** Every leaf is shown, whatever it is: for those who may read everything. */
const planRange = async (
  parts: PlanParts,
  range: LeafRange,
  scopes: readonly Scope[],
): Promise<What> => {
  if (!scopes.some(({ kind }) => kind === 'all')) {
    throw new Problem('out-of-scope', 'Whole ranges are for those who may read everything.');
  }
  const { shard } = range;
  if (shard === undefined) return { parts: (await cutLogs(parts, shardsOf(parts))).map(whole) };
  const ours = shardsOf(parts).includes(shard);
  const [cut] = ours ? await cutLogs(parts, [shard]) : [];
  if (cut === undefined)
    throw refused('/range/shard', 'must be the number of a log that has begun');
  return { parts: [rangeWithin(cut, range)] };
};

const toExportScope = (scope: Scope): readonly ExportScope[] =>
  scope.kind === 'all' ? [] : [{ [scope.kind]: scope.value }];

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

const filteringOf = (filter: Filtering['filter'], scopes: readonly Scope[]): Filtering => {
  const { counter, agency, service, province } = filter;
  const named = {
    counter: one(counter),
    agency: one(agency),
    service: one(service),
    province: one(province),
  };
  const { within } = narrowing(scopes, named, 'past');
  const seesAll = within.some(({ kind }) => kind === 'all');
  return { filter, ...(!seesAll && { scope: within.flatMap(toExportScope) }) };
};

const instant = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

const planFilter = async (
  parts: PlanParts,
  filter: Filtering['filter'],
  scopes: readonly Scope[],
): Promise<What> => {
  const filtering = filteringOf(filter, scopes);
  const times: Times = { from: instant(filter.from), to: instant(filter.to) };
  const ranges: ExportPlan['parts'][number][] = [];
  const cuts = await cutLogs(parts, shardsOf(parts));
  const logs = cuts.map((cut) => ({ ...cut, files: logFiles(parts.log.objects, cut.shard) }));
  for (const [n, cut] of cuts.entries()) {
    const log = logs[n];
    if (log !== undefined)
      ranges.push({ ...cut, ...(await rangeInTime(parts.reading, log, times)) });
  }
  const { scope } = filtering;
  return {
    parts: ranges,
    filtering: { filter, ...(scope !== undefined && { scope: [...scope] }) },
    pending: await pendingInquiries(parts)(filtering, logs, times),
  };
};

/** Leaves that somebody's export of a kind may look at. */
export const mostLeavesOf = (kind: ExportRequest['what']['kind'], whose: ReaderClass): number =>
  mostLeaves[kind === 'filter' && whose === 'others' ? 'own' : kind];

/**
 * What an export is to hold, as the logs stand now, of what its reader may see. Throws `out-of-scope`;
 * `invalid-body` for more than one export takes, and for leaves that no witness has seen yet;
 * `index-unavailable`, `store-unavailable` and `signer-unavailable`.
 */
export const planExport =
  (parts: PlanParts) =>
  async (
    { what }: Pick<ExportRequest, 'what'>,
    scopes: readonly Scope[],
    whose: ReaderClass,
  ): Promise<What & Pick<ExportPlan, 'policy'>> => {
    const planned =
      what.kind === 'range'
        ? await planRange(parts, what.range, scopes)
        : await planFilter(parts, what.filter, scopes);
    const most = mostLeavesOf(what.kind, whose);
    if (planned.parts.length === 0) throw refused(`/${what.kind}`, 'the log has not begun');
    if (leavesIn(planned) > most) {
      const advice = what.kind === 'range' ? 'cut the range' : 'name a from and a to, or less time';
      throw refused(`/${what.kind}`, `reaches over more than ${most} leaves: ${advice}`);
    }
    return { ...planned, policy: utf8(suggestedPolicy(await parts.log.policy())) };
  };
