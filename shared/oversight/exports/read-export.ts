import type { ObjectStore } from '../../audit/ports.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import { type Clock, numericDate } from '../../kernel/clock.ts';
import { InquiryId } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { Directory } from '../../registry/directory.ts';
import { scopesOf } from '../../registry/scope.ts';
import type { JobStore } from '../job-store.ts';
import { onRecord, type RecordParts } from '../read-on-record.ts';
import { linkTime, partLink, readPartLink } from './export-link.ts';
import { exportParts, PartDamaged } from './export-parts.ts';
import {
  type ExportJob,
  type ExportState,
  failures,
  isTold,
  partCount,
  partName,
  toExportJob,
} from './export-state.ts';
import { type ExportSender, scopesDigest } from './take-export.ts';

export type ExportReading = RecordParts & {
  readonly settings: { readonly origin: string };
  readonly directory: Pick<Directory, 'participant'>;
  readonly jobs: Pick<JobStore, 'read'>;
  readonly derived: Pick<ObjectStore, 'get' | 'putIfAbsent'>;
  readonly key: SecretKey;
};

const notFound = (): Problem =>
  new Problem('not-found', 'This participant has no export under this id.');

const saidState = ({ step, done }: ExportState): 'waiting' | 'running' | 'done' | 'failed' => {
  if (step === 'done' || step === 'failed') return step;
  return step === 'plan' || done === 0 ? 'waiting' : 'running';
};

/** How an export stands; without its links. */
export const exportDocument = ({ id, state }: ExportJob): JsonObject => {
  const { failure } = state;
  return {
    id,
    state: saidState(state),
    done: state.done,
    total: state.total,
    rows: state.rows,
    bytes: state.bytes,
    parts: partCount(state),
    until: toRfc3339(state.until),
    ...(failure !== undefined && { problem: { name: failure, detail: failures[failure] } }),
  };
};

/** Where to fetch every part, in the order of the tar. */
const linksOf = (
  { settings, key }: Pick<ExportReading, 'settings' | 'key'>,
  { id, state }: ExportJob,
  expires: number,
): readonly string[] =>
  Array.from(
    { length: partCount(state) },
    (_, part) => settings.origin + partLink(key, { id, part, expires }),
  );

/** Throws `out-of-scope` for a reader who may see other things now than when it asked. */
const checkScopes = async (
  { directory }: Pick<ExportReading, 'directory'>,
  { state }: ExportJob,
): Promise<void> => {
  const participant = await directory.participant(state.by);
  const scopes = participant === undefined ? [] : scopesOf(participant);
  if (scopesDigest(scopes) === state.scopes) return;
  throw new Problem('out-of-scope', 'What you may read has changed since: ask for it anew.');
};

/**
 * How an export stands (`GET /v1/audit/exports/{id}`), for whoever asked for it; `not-found` for
 * everybody else. Once it is done there are links, which show it to whoever has them: so telling them
 * is the read that is put on record, with all its rows, and each fetch of a part is not.
 */
export const readExport =
  (parts: ExportReading) =>
  async (sender: ExportSender, id: string): Promise<JsonObject> => {
    const parsed = InquiryId.safeParse(id).data;
    const standing = parsed === undefined ? undefined : await parts.jobs.read(parsed);
    const job = standing === undefined ? undefined : toExportJob(standing);
    if (job === undefined || job.state.by !== sender.by) throw notFound();
    if (!isTold(job.state, parts.now())) throw notFound();
    if (job.state.step !== 'done') return exportDocument(job);
    const read = { ...sender, act: 'export', filter: { export: job.id } } as const;
    const { rows: n } = job.state;
    await onRecord(parts)(read, async () => {
      await checkScopes(parts, job);
      return { n };
    });
    const expires = numericDate(parts.now()) + linkTime;
    return {
      ...exportDocument(job),
      links: linksOf(parts, job, expires),
      expires: toRfc3339(expires * 1000),
    };
  };

type Told = Readonly<Record<string, string | undefined>>;

/**
 * A part of an export, for whoever has the link to it. Throws `link-invalid`, and `not-found` once the
 * export is forgotten, or a person was erased whose facts it held.
 */
export const readExportPart =
  ({
    jobs,
    derived,
    key,
    now,
  }: Pick<ExportReading, 'jobs' | 'derived' | 'key'> & {
    readonly now: Clock;
  }) =>
  async (path: Told, query: Told): Promise<Uint8Array> => {
    const { id, part } = readPartLink(key, { path, query, now: now() });
    const nameNow = async (): Promise<string> => {
      const standing = await jobs.read(id);
      const state = standing === undefined ? undefined : toExportJob(standing).state;
      const fetchable = state?.step === 'done' && isTold(state, now());
      const named = fetchable ? partName(state, part) : undefined;
      if (named === undefined) throw new Problem('not-found', 'This export is not kept any more.');
      return named.name;
    };
    const name = await nameNow();
    const bytes = await exportParts(derived, key, id).get(name);
    if (bytes !== undefined) return bytes;
    // It may have been removed since: then it is not found, as for whoever comes later.
    await nameNow();
    throw new PartDamaged('A part of an export is gone.');
  };
