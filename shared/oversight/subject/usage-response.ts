import { Problem } from '../../kernel/problem.ts';
import { longestDelay } from '../../registry/confidential-bases.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import type { TaggedSubject } from '../tags.ts';
import { isHidden, type OwnInquiries, readSaid } from './own-inquiries.ts';
import type { UsageQuery } from './own-query.ts';
import { rowsAbout } from './own-rows.ts';
import type { AccessReading } from './read-accesses.ts';
import { type ShownAccess, showAccess, type Tongue } from './shown-access.ts';

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

/** Rows that are counted at most, and of those that may be hidden. */
const most = { rows: 10_000, recent: 150 } as const;

const tooMany = (): Problem =>
  new Problem('invalid-query', 'These are too many: narrow periodStart and periodEnd.');

const rowsIn = async (
  own: OwnInquiries,
  person: TaggedSubject,
  times: { readonly from: number; readonly before: number },
): Promise<readonly SubjectRow[]> => {
  const rows: SubjectRow[] = [];
  for await (const page of rowsAbout(own)(person, times)) {
    rows.push(...page);
    if (rows.length > most.rows) throw tooMany();
  }
  return rows;
};

/** Those that the person may know of: of the time of the longest delay each is looked at. */
const visible = async (
  own: OwnInquiries,
  rows: readonly SubjectRow[],
): Promise<readonly SubjectRow[]> => {
  const since = own.now() - longestDelay(own.bases);
  const recent = rows.filter(({ t }) => t > since);
  if (recent.length > most.recent) throw tooMany();
  const said = await readSaid(own)(recent);
  const hidden = new Set(said.filter((one) => isHidden(own, one)).map(({ id }) => id));
  return rows.filter(({ id }) => !hidden.has(id));
};

/**
 * `action` says the service, the purpose and what came of it; the receiver is the office that asked, and
 * its system whoever asked in its place. What was delayed, disputed or held back has no place there.
 */
const usageOf = ({ at, service, purpose, outcome, office, by }: ShownAccess): Usage => ({
  logtime: at,
  action: `${service.title}: ${purpose.title ?? purpose.code}. ${outcome.title ?? outcome.code}`,
  receiverCode: office.id,
  receiverName: office.title,
  ...(by !== undefined && { receiverSystem: by.title }),
});

/** The inquiries that were about a person as uses of its data, from `offset` on. */
export const findUsage =
  ({ own, names, coverage }: Omit<AccessReading, 'sealing' | 'disputes'>) =>
  async (person: TaggedSubject, query: UsageQuery, tongue: Tongue): Promise<UsageResponse> => {
    const covered = await coverage();
    if (covered === undefined) return { totalUsages: 0, usages: [] };
    const times = {
      from: Math.max(covered.begins, query.periodStart),
      before: Math.min(own.now() + 1, query.periodEnd),
    };
    const rows = await visible(own, await rowsIn(own, person, times));
    const said = await readSaid(own)(rows.slice(query.offset, query.offset + query.limit));
    const show = showAccess(names, tongue);
    const shown = await Promise.all(
      said.map((one) => show(one, { dispute: undefined, delayed: undefined })),
    );
    return { totalUsages: rows.length, usages: shown.map(usageOf) };
  };
