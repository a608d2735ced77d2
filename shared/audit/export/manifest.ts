import * as z from 'zod';
import { equalBytes, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../../kernel/strict-json.ts';
import { logKey } from '../sequence/log-files.ts';
import { ExportFilter, ExportScopes } from './export-filter.ts';
import { ExportInvalid } from './export-invalid.ts';
import { maxOctal } from './tar-header.ts';

/**
 * The versions of exports that are made and read here: their members, their lines and their views. The
 * first holds whole ranges and knows nothing that is pending.
 */
export const exportVersions = [1, 2] as const;

export const memberNames = {
  manifest: 'manifest.json',
  policy: 'policy.txt',
  census: 'census.ndjson',
  entries: 'entries.ndjson',
} as const;

/** The most bytes of a manifest, and of the policy beside it. */
export const maxManifest = 262_144;
export const maxPolicyMember = 1_048_576;

/** The most bytes of all censuses of a filtered export. */
export const maxCensuses = 67_108_864;

/** The most logs of which one export holds entries. */
const maxShards = 64;

const Shard = z.int().min(0).max(9999);

/** The leaves of a log from `from` up to and without `to`. */
export const Range = z
  .strictObject({ shard: Shard, from: z.int().min(0), to: z.int().min(1) })
  .refine(({ from, to }) => from < to);
export type Range = z.infer<typeof Range>;

const isAscending = (ranges: readonly Range[]): boolean =>
  ranges.every(({ shard }, n) => shard > (ranges[n - 1]?.shard ?? -1));

const Ranges = z.array(Range).min(1).max(maxShards).refine(isAscending);

/** What was asked for: all leaves of ranges, or of the leaves in them those that a filter names. */
export const Query = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('range'), ranges: Ranges }),
  z.strictObject({
    kind: z.literal('filter'),
    ranges: Ranges,
    filter: ExportFilter,
    /** What whoever gets it may see; everything where it is absent. */
    scope: ExportScopes.exactOptional(),
  }),
]);
export type Query = z.infer<typeof Query>;

/** The most ids that are listed of what is pending. */
export const maxPendingIds = 1000;

/**
 * Inquiries that were durable and in no tree yet when the export was ordered: how many, and the first
 * ids of them, ascending. Only the exchange can know it, and nothing here proves it.
 */
const Pending = z
  .strictObject({
    count: z.int().min(0),
    ids: z
      .array(InquiryId)
      .max(maxPendingIds)
      .refine((ids) => ids.every((id, n) => n === 0 || (ids[n - 1] ?? '') < id)),
  })
  .refine(({ count, ids }) => ids.length === Math.min(count, maxPendingIds));
export type Pending = z.infer<typeof Pending>;

/**
 * Up to where an export says anything of a log: the tree of its checkpoint, and when it was last seen
 * by the cosignatures beside it, in seconds since 1970.
 */
const Cut = z.strictObject({
  shard: Shard,
  size: z.int().min(1),
  time: z.int().min(1).optional(),
});

/** Where the checkpoint of a shard's log is inside an export. */
export const checkpointMember = (shard: number): string => logKey(shard, 'checkpoint');

/** The first version that can say so much. */
export const versionOf = ({
  query,
  pending,
}: {
  readonly query: Pick<Query, 'kind'>;
  readonly pending?: Pending | undefined;
}): (typeof exportVersions)[number] => (query.kind === 'range' && pending === undefined ? 1 : 2);

/** What an export says it is. One cut and one checkpoint for each range, in their order. */
export const Manifest = z
  .strictObject({
    v: z.literal(exportVersions),
    query: Query,
    cut: z.array(Cut),
    checkpoints: z.array(z.string()),
    /** Present when a policy is inside; it is for information, and no verifier goes by it. */
    policy: z.literal(memberNames.policy).optional(),
    pending: Pending.optional(),
  })
  .refine(({ v, query, pending }) => v === versionOf({ query, pending }))
  .refine(({ query: { ranges }, cut, checkpoints }) => {
    const sameLength = cut.length === ranges.length && checkpoints.length === ranges.length;
    return (
      sameLength &&
      ranges.every(({ shard, to }, n) => {
        const own = cut[n];
        return own?.shard === shard && to <= own.size && checkpoints[n] === checkpointMember(shard);
      })
    );
  });
export type Manifest = z.infer<typeof Manifest>;

/** Without the members that are absent, as canonical JSON wants it. */
const queryOf = (query: Query): JsonObject =>
  query.kind === 'range'
    ? { kind: query.kind, ranges: query.ranges }
    : {
        kind: query.kind,
        ranges: query.ranges,
        filter: { ...query.filter },
        ...(query.scope !== undefined && { scope: query.scope.map((one) => ({ ...one })) }),
      };

export const formatManifest = (manifest: Manifest): Uint8Array => {
  const { v, query, cut, checkpoints, policy, pending } = manifest;
  return utf8(
    `${canonicalJson({
      v,
      query: queryOf(query),
      cut: cut.map(({ shard, size, time }) => ({
        shard,
        size,
        ...(time !== undefined && { time }),
      })),
      checkpoints,
      ...(policy !== undefined && { policy }),
      ...(pending !== undefined && { pending }),
    })}\n`,
  );
};

const jsonOf = (bytes: Uint8Array): JsonValue => {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new ExportInvalid('manifest', { cause });
  }
};

/** Reads a manifest; throws {@link ExportInvalid} for all but the one spelling of each. */
export const parseManifest = (bytes: Uint8Array): Manifest => {
  const json = jsonOf(bytes);
  const version = isJsonObject(json) ? json['v'] : undefined;
  if (typeof version === 'number' && !exportVersions.some((known) => known === version)) {
    throw new ExportInvalid('version');
  }
  const { data } = Manifest.safeParse(json);
  if (data === undefined || !equalBytes(bytes, formatManifest(data))) {
    throw new ExportInvalid('manifest');
  }
  return data;
};

/** The time of all members of an export: that of its latest cut, or 0. */
export const mtimeOf = ({ cut }: Pick<Manifest, 'cut'>): number =>
  Math.min(maxOctal, Math.max(...cut.map(({ time = 0 }) => time)));
