import type { ObjectStore } from '../../audit/ports.ts';
import { type SecretKey, sha256Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { Directory } from '../../registry/directory.ts';
import { type Scope, scopesOf } from '../../registry/scope.ts';
import type { DisclosureRequest } from '../facts/disclosure-request.ts';
import type { OpenedFact } from '../facts/open-disclosure.ts';
import type { JobStore } from '../job-store.ts';
import { onRecord, type RecordParts } from '../read-on-record.ts';
import { planName } from './export-job.ts';
import { exportParts } from './export-parts.ts';
import { type ExportPlan, formatPlan, leavesIn, type Opened, parsePlan } from './export-plan.ts';
import { askedOf, digestOf, type ExportRequest, parseExportRequest } from './export-request.ts';
import {
  advanced,
  type ExportJob,
  type ExportState,
  isOpen,
  isTold,
  readableJobs,
  toExportJob,
  unsettled,
} from './export-state.ts';
import { keptJob } from './forget-export.ts';
import { type PlanParts, planExport } from './plan-export.ts';

/** Exports of one reader that may be open at once, and of all readers. */
export const mostOpen = { own: 3, all: 32 } as const;

/** Milliseconds for which an export can be fetched. */
export const exportTime = 7 * 86_400_000;

/** Milliseconds after which an export is forgotten that nobody came to settle the plan of. */
const planTime = 1_800_000;

/** Milliseconds by which the time inside an id may be off. */
const freshness = 600_000;

/** Seconds after which somebody with too many open exports may come back. */
const busyTime = 30;

/** Who asks, and by which key. */
export type ExportSender = { readonly by: string; readonly kid: string };

/** Opens a fact of an inquiry to somebody, on record (open-disclosure.ts); or throws why it may not. */
export type OpenForExport = (
  asked: DisclosureRequest,
  sender: ExportSender,
) => Promise<{ readonly fact: Pick<OpenedFact, 'disclosure'> }>;

export type ExportTaking = PlanParts &
  RecordParts & {
    readonly directory: Pick<Directory, 'participant'>;
    readonly jobs: JobStore;
    readonly derived: Pick<ObjectStore, 'get' | 'putIfAbsent'>;
    readonly key: SecretKey;
    readonly openFact: OpenForExport;
  };

/** The same for the same scopes. */
export const scopesDigest = (scopes: readonly Scope[]): string =>
  sha256Url(canonicalJson({ scopes: scopes.map((scope) => ({ ...scope })) }));

const conflict = (): Problem =>
  new Problem('reference-conflict', 'Another export stands under this id.');

/** The plan may be one of what its reader might see before. */
const changedScopes = (): Problem =>
  new Problem('out-of-scope', 'What you may read has changed since: ask under a new id.');

const checkFresh = ({ id }: ExportRequest, now: number): void => {
  if (Math.abs(now - timeOf(id)) <= freshness) return;
  const errors = [{ pointer: '/id', detail: 'must be a UUIDv7 that was made just now' }];
  throw new Problem('invalid-body', 'This cannot be exported.', { errors });
};

/** Throws `rate-limited` where too many are open. Two who ask at once may both be the last. */
const checkOpen = async ({ jobs }: ExportTaking, by: string): Promise<void> => {
  const open = readableJobs(await jobs.list()).filter(({ state }) => isOpen(state));
  const own = open.filter(({ state }) => state.by === by).length;
  if (own < mostOpen.own && open.length < mostOpen.all) return;
  throw new Problem('rate-limited', 'Wait until an export that is open is done.', {
    retryAfter: busyTime,
    limits: [
      { name: 'open-exports', quota: mostOpen.own, window: busyTime, left: 0, reset: busyTime },
    ],
  });
};

const sameAsked = (job: ExportJob, asked: string): ExportJob => {
  if (job.state.asked !== asked) throw conflict();
  return job;
};

/** Puts the job before there is anything that would have to be found by it; or finds it put before. */
const beginJob = async (
  { jobs, now }: Pick<ExportTaking, 'jobs' | 'now'>,
  { id, disclosures }: ExportRequest,
  who: Pick<ExportState, 'by' | 'asked' | 'scopes'>,
): Promise<ExportJob> => {
  const time = now();
  const opened = [...new Set(disclosures.map(({ inquiry }) => inquiry))];
  const state: ExportState = { ...unsettled, ...who, opened, until: time + planTime };
  const job = { id, version: 1, state, until: time + keptJob };
  const answer = await jobs.swap(job);
  if (answer === 'written') return job;
  if (answer.standing === undefined) throw conflict();
  return sameAsked(toExportJob(answer.standing), who.asked);
};

/** Opens facts one by one, each on record by itself; together where they are of one inquiry. */
const openAll = async (
  { openFact }: ExportTaking,
  sender: ExportSender,
  disclosures: readonly DisclosureRequest[],
): Promise<Opened[]> => {
  const texts = new Map<InquiryId, string[]>();
  for (const asked of disclosures) {
    const { fact } = await openFact(asked, sender);
    const before = texts.get(asked.inquiry) ?? [];
    texts.set(asked.inquiry, [...new Set([...before, fact.disclosure])]);
  }
  return [...texts].map(([inquiry, request]) => ({ inquiry, texts: { request, response: [] } }));
};

/** Puts on record who asked for what, and says what it is to hold. */
const planOnRecord = async (
  parts: ExportTaking,
  sender: ExportSender,
  request: ExportRequest,
  scopes: readonly Scope[],
): Promise<Omit<ExportPlan, 'asked' | 'opened'>> => {
  const { order, reason } = request;
  const said = { ...(order !== undefined && { order }), ...(reason !== undefined && { reason }) };
  const read = { ...sender, act: 'export', filter: askedOf(request), ...said } as const;
  const { planned } = await onRecord(parts)(read, async () => ({
    planned: await planExport(parts)(request, scopes),
    n: 0,
  }));
  return planned;
};

/** Settles the plan, and that it can be made: the first one stands. */
const settlePlan = async (
  { jobs, derived, key, now }: ExportTaking,
  job: ExportJob,
  wanted: ExportPlan,
): Promise<ExportJob> => {
  const { asked } = job.state;
  const kept = exportParts(derived, key, job.id);
  const plan = parsePlan(await kept.settle(planName, formatPlan(wanted)));
  if (plan.asked !== asked) throw conflict();
  const begun = advanced(job, {
    step: 'lines',
    total: leavesIn(plan),
    at: { range: 0, leaf: plan.parts[0]?.from ?? 0 },
    until: now() + exportTime,
  });
  const answer = await jobs.swap(begun);
  if (answer === 'written') return begun;
  if (answer.standing === undefined) throw conflict();
  return sameAsked(toExportJob(answer.standing), asked);
};

/**
 * Takes an export (`POST /v1/audit/exports`): its cut is made, then that it was asked for is a leaf, then
 * there is a job, then its facts are opened, and then its plan is settled. The job comes before the facts,
 * so that whoever erases one of them finds it (erase-exports.ts). Asked for again under the same id it is
 * the same one, and no leaf. Nothing is shown yet: that is put on record when its links are told. Throws
 * `invalid-body`, `out-of-scope`, `rate-limited`, `reference-conflict` for an id that stands for something
 * else, and what opening facts throws; rejects with `store-unavailable`, and then it may have been taken
 * or not.
 */
export const takeExport =
  (parts: ExportTaking) =>
  async (sender: ExportSender, json: JsonObject): Promise<ExportJob> => {
    const { jobs, now, directory } = parts;
    const { by } = sender;
    const request = parseExportRequest(json);
    const asked = digestOf(request, by);
    const standing = await jobs.read(request.id);
    const before = standing === undefined ? undefined : sameAsked(toExportJob(standing), asked);
    if (before !== undefined && before.state.step !== 'plan' && isTold(before.state, now())) {
      return before;
    }
    checkFresh(request, now());
    await checkOpen(parts, by);
    const participant = await directory.participant(by);
    const scopes = participant === undefined ? [] : scopesOf(participant);
    const planned = await planOnRecord(parts, sender, request, scopes);
    const who = { by, asked, scopes: scopesDigest(scopes) };
    const job = await beginJob(parts, request, who);
    if (job.state.step !== 'plan') return job;
    if (job.state.scopes !== who.scopes) throw changedScopes();
    const opened = await openAll(parts, sender, request.disclosures);
    // A fact may have been erased while others were opened.
    const after = await jobs.read(job.id);
    if (after !== undefined && after.version > job.version)
      return sameAsked(toExportJob(after), asked);
    return settlePlan(parts, job, { ...planned, asked, opened });
  };
