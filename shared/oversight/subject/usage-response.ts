import { Problem } from '../../kernel/problem.ts';
import type { TaggedSubject } from '../tags.ts';
import type { OwnInquiries } from './own-inquiries.ts';
import type { UsageQuery } from './own-query.ts';
import type { RowTimes } from './own-rows.ts';
import { namedUsageWords } from './plain-words.ts';
import type { AccessReading } from './read-accesses.ts';
import { type ShownAccess, showAccess, type Tongue } from './shown-access.ts';
import { saidOf, type VisibleRow, visibleRows } from './visible-rows.ts';

/** One use of personal data (schema `Usage`). */
type Usage = {
  /** When data was processed. */
  readonly logtime: string;
  /** What for, in words. */
  readonly action: string;
  /** Who got the data: its code, its name, and the system of it. */
  readonly receiverCode: string;
  readonly receiverName: string;
  readonly receiverSystem?: string;
};

/**
 * What Estonia's data tracker (Andmejälgija) is told: schema `FindUsageResponse` of the contract
 * `dumonitor-openapi.yaml` 2.1.0 of the Estonian Information System Authority (`/v2/findUsage`;
 * repository e-gov/AJ, doc/spetsifikatsioonid; licence MIT), newest first. The number of all is the
 * number of all, whatever the offset and the limit.
 */
export type UsageResponse = {
  readonly totalUsages: number;
  readonly usages: readonly Usage[];
};

/**
 * Inquiries that are counted at most, and of those of the time of the longest delay: of what may be
 * known, so that what is hidden does not show. Only some thousands of hidden ones do, by `looked`.
 */
const most = { rows: 10_000, recent: 1000, looked: 5000 } as const;

/** Rows of which the leaves are read at once. */
const atOnce = 64;

const tooMany = (): Problem =>
  new Problem('invalid-query', 'These are too many: narrow periodStart and periodEnd.');

/** All that the person may know of, in a time. */
const visibleIn = async (
  own: OwnInquiries,
  person: TaggedSubject,
  times: RowTimes,
): Promise<readonly VisibleRow[]> => {
  const found: VisibleRow[] = [];
  const counts = { recent: 0, looked: 0 };
  for await (const { visible, looked } of visibleRows(own)(person, { ...times, atOnce })) {
    found.push(...visible);
    counts.looked += looked;
    if (looked > 0) counts.recent += visible.length;
    const isOver =
      found.length > most.rows || counts.recent > most.recent || counts.looked > most.looked;
    if (isOver) throw tooMany();
  }
  return found;
};

/**
 * `action` says the service, the purpose and what came of it, or that the person was only named; the
 * receiver is the office that asked, and its system whoever asked in its place. What was delayed,
 * disputed or held back has no place there.
 */
const usageOf =
  (tongue: Tongue) =>
  ({ at, role, service, purpose, outcome, office, by }: ShownAccess): Usage => {
    const came = role.code === 'named' ? namedUsageWords[tongue] : (outcome.title ?? outcome.code);
    return {
      logtime: at,
      action: `${service.title}: ${purpose.title ?? purpose.code}. ${came}`,
      receiverCode: office.id,
      receiverName: office.title,
      ...(by !== undefined && { receiverSystem: by.title }),
    };
  };

/** The inquiries that were about a person, or named it, as uses of its data, from `offset` on. */
export const findUsage =
  ({ own, names, coverage }: Omit<AccessReading, 'sealing' | 'disputes'>) =>
  async (person: TaggedSubject, query: UsageQuery, tongue: Tongue): Promise<UsageResponse> => {
    const covered = await coverage();
    if (covered === undefined) return { totalUsages: 0, usages: [] };
    const times = {
      from: Math.max(covered.begins, query.periodStart),
      before: Math.min(own.now() + 1, query.periodEnd),
    };
    const rows = await visibleIn(own, person, times);
    const wanted = rows.slice(query.offset, query.offset + query.limit);
    const said = await saidOf(own)(wanted);
    const named = new Set(wanted.flatMap(({ row }) => (row.named ? [row.id] : [])));
    const show = showAccess(names, tongue);
    const shown = await Promise.all(
      said.map((one) => {
        const role = named.has(one.id) ? 'named' : 'subject';
        return show(one, { dispute: undefined, delayed: undefined, role });
      }),
    );
    return { totalUsages: rows.length, usages: shown.map(usageOf(tongue)) };
  };
