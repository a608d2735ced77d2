import type { ObjectStore } from '../../audit/ports.ts';
import { type SecretKey, sha256Url, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import type { LimitState } from '../../kernel/limit-state.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { Directory } from '../../registry/directory.ts';
import { type Scope, scopesOf } from '../../registry/scope.ts';
import type { DisclosureRequest } from '../facts/disclosure-request.ts';
import type { OpenedFact } from '../facts/open-disclosure.ts';
import type { JobStore } from '../job-store.ts';
import { onRecord, type Read, type RecordParts } from '../read-on-record.ts';
import { type LimitParts, spendReaderLimit } from '../reader-limit.ts';
import { planName } from './export-job.ts';
import { exportParts } from './export-parts.ts';
import { type ExportPlan, formatPlan, leavesIn, type Opened, parsePlan } from './export-plan.ts';
import { askedOf, digestOf, type ExportRequest, parseExportRequest } from './export-request.ts';
import {
  advanced,
  type ExportJob,
  type ExportState,
  isTold,
  toExportJob,
  unsettled,
} from './export-state.ts';
import { keptJob } from './forget-export.ts';
import { classOf, leavePlaces, type OpenExports, takePlace } from './open-exports.ts';
import { type PlanParts, planExport } from './plan-export.ts';

/** Milliseconds for which an export can be fetched. */
export const exportTime = 7 * 86_400_000;

/** Milliseconds after which an export is forgotten that nobody came to settle the plan of. */
const planTime = 1_800_000;

/** Milliseconds by which the time inside an id may be off. */
const freshness = 600_000;

/** Who asks, and by which key. */
export type ExportSender = { readonly by: string; readonly kid: string };

/** Opens a fact of an inquiry to somebody, on record (open-disclosure.ts); or throws why it may not. */
export type OpenForExport = (
  asked: DisclosureRequest,
  sender: ExportSender,
) => Promise<{ readonly fact: Pick<OpenedFact, 'disclosure'> }>;

export type ExportTaking = PlanParts &
  RecordParts &
  LimitParts & {
    readonly directory: Pick<Directory, 'participant'>;
    readonly jobs: Pick<JobStore, 'read' | 'swap'>;
    readonly openExports: OpenExports;
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

/** What was opened for an export, and how many facts of it now. */
type OpenedAll = { readonly opened: Opened[]; readonly n: number };

/**
 * Opens facts one by one, each on record by itself; together where they are of one inquiry. Each is kept
 * with the export as it is opened: whoever asks again opens, and is counted for, those that are missing.
 * Ends where the job has changed: somebody may be erased.
 */
const openAll = async (
  { openFact, derived, key, jobs }: ExportTaking,
  sender: ExportSender,
  disclosures: readonly DisclosureRequest[],
  { id, version }: ExportJob,
): Promise<OpenedAll> => {
  const kept = exportParts(derived, key, id);
  const texts = new Map<InquiryId, string[]>();
  let n = 0;
  for (const [place, asked] of disclosures.entries()) {
    const name = `opened/${place}`;
    let bytes = await kept.get(name);
    if (bytes === undefined) {
      const { fact } = await openFact(asked, sender);
      n += 1;
      if ((await jobs.read(id))?.version !== version) break;
      bytes = await kept.settle(name, utf8(fact.disclosure));
    }
    const before = texts.get(asked.inquiry) ?? [];
    const text = Buffer.from(bytes).toString('utf8');
    texts.set(asked.inquiry, [...new Set([...before, text])]);
  }
  const opened = [...texts].map(([inquiry, request]) => ({
    inquiry,
    texts: { request, response: [] },
  }));
  return { opened, n };
};

/** Who asked for what, as it is put on record. */
const readOf = (sender: ExportSender, request: ExportRequest): Read => {
  const { order, reason } = request;
  const said = { ...(order !== undefined && { order }), ...(reason !== undefined && { reason }) };
  return { ...sender, act: 'export', filter: askedOf(request), ...said };
};

/** Puts on record who asked for what, and says what it is to hold. */
const planOnRecord = async (
  parts: ExportTaking,
  sender: ExportSender,
  request: ExportRequest,
  scopes: readonly Scope[],
): Promise<Omit<ExportPlan, 'asked' | 'opened'>> => {
  const { planned } = await onRecord(parts)(readOf(sender, request), async () => ({
    planned: await planExport(parts)(request, scopes, classOf(sender.by)),
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

/** Takes an export that has its place, as far as it was not taken before. */
const takeAsked = async (
  parts: ExportTaking,
  sender: ExportSender,
  request: ExportRequest,
  asked: string,
): Promise<Pick<ExportTaken, 'job' | 'opened'>> => {
  const { jobs, directory } = parts;
  const { by } = sender;
  const participant = await directory.participant(by);
  const scopes = participant === undefined ? [] : scopesOf(participant);
  const planned = await planOnRecord(parts, sender, request, scopes);
  const who = { by, asked, scopes: scopesDigest(scopes) };
  const job = await beginJob(parts, request, who);
  if (job.state.step !== 'plan') return { job, opened: 0 };
  if (job.state.scopes !== who.scopes) throw changedScopes();
  const facts = await openAll(parts, sender, request.disclosures, job);
  const opened = facts.n;
  // A fact may have been erased while others were opened.
  const after = await jobs.read(job.id);
  if (after !== undefined && after.version > job.version)
    return { job: sameAsked(toExportJob(after), asked), opened };
  return { job: await settlePlan(parts, job, { ...planned, asked, opened: facts.opened }), opened };
};

/** An export that was taken, and how its reader's limits stand where it was counted. */
export type ExportTaken = {
  readonly job: ExportJob;
  readonly limits: readonly LimitState[];
  /** Facts that were opened for it now. */
  readonly opened: number;
};

/**
 * Takes an export (`POST /v1/audit/exports`): it has a place among the open ones and is counted for its
 * reader, its cut is made, then that it was asked for is a leaf, then there is a job, then its facts are
 * opened, and then its plan is settled. The job comes before the facts, so that whoever erases one of them
 * finds it (erase-exports.ts). Asked for again under the same id it is the same one, and no leaf. Nothing
 * is shown yet: that is put on record when its links are told. Throws `invalid-body`, `out-of-scope`,
 * `rate-limited`, `reference-conflict` for an id that stands for something else, and what opening facts
 * throws; rejects with `store-unavailable`, and then it may have been taken or not.
 */
export const takeExport =
  (parts: ExportTaking) =>
  async (sender: ExportSender, json: JsonObject): Promise<ExportTaken> => {
    const { jobs, now, openExports } = parts;
    const { by } = sender;
    const request = parseExportRequest(json);
    const { id } = request;
    const asked = digestOf(request, by);
    const standing = await jobs.read(id);
    const before = standing === undefined ? undefined : sameAsked(toExportJob(standing), asked);
    if (before !== undefined && before.state.step !== 'plan' && isTold(before.state, now())) {
      return { job: before, limits: [], opened: 0 };
    }
    checkFresh(request, now());
    await takePlace(openExports, { id, by }, now());
    try {
      const limit = classOf(by) === 'auditing' ? 'exports' : 'own-exports';
      const isCounted = before === undefined;
      const limits = isCounted ? await spendReaderLimit(parts)(limit, readOf(sender, request)) : [];
      return { ...(await takeAsked(parts, sender, request, asked)), limits };
    } catch (refusal) {
      // Where a store failed the export may be open; a place that none has is given back by the worker.
      if (refusal instanceof Problem && refusal.name !== 'store-unavailable') {
        await leavePlaces(openExports, [id], now());
      }
      throw refusal;
    }
  };
