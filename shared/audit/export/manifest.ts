import * as z from 'zod';
import { equalBytes, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { Problem } from '../../kernel/problem.ts';
import { isJsonObject, type JsonValue, parseStrictJson } from '../../kernel/strict-json.ts';
import { logKey } from '../sequence/log-files.ts';
import { ExportInvalid } from './export-invalid.ts';
import { maxOctal } from './tar-header.ts';

/** The version of exports that is made and read here: their members, their lines and their views. */
export const exportVersion = 1;

export const memberNames = {
  manifest: 'manifest.json',
  policy: 'policy.txt',
  entries: 'entries.ndjson',
} as const;

/** The most bytes of a manifest, and of the policy beside it. */
export const maxManifest = 65_536;
export const maxPolicyMember = 1_048_576;

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

/** What was asked for. */
export const Query = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('range'),
    ranges: z.array(Range).min(1).max(maxShards).refine(isAscending),
  }),
]);

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

/** What an export says it is. One cut and one checkpoint for each range, in their order. */
export const Manifest = z
  .strictObject({
    v: z.literal(exportVersion),
    query: Query,
    cut: z.array(Cut),
    checkpoints: z.array(z.string()),
    /** Present when a policy is inside; it is for information, and no verifier goes by it. */
    policy: z.literal(memberNames.policy).optional(),
  })
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

export const formatManifest = ({ v, query, cut, checkpoints, policy }: Manifest): Uint8Array =>
  utf8(
    `${canonicalJson({
      v,
      query,
      cut: cut.map(({ shard, size, time }) => ({
        shard,
        size,
        ...(time !== undefined && { time }),
      })),
      checkpoints,
      ...(policy !== undefined && { policy }),
    })}\n`,
  );

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
  if (typeof version === 'number' && version !== exportVersion) throw new ExportInvalid('version');
  const { data } = Manifest.safeParse(json);
  if (data === undefined || !equalBytes(bytes, formatManifest(data))) {
    throw new ExportInvalid('manifest');
  }
  return data;
};

/** The time of all members of an export: that of its latest cut, or 0. */
export const mtimeOf = ({ cut }: Pick<Manifest, 'cut'>): number =>
  Math.min(maxOctal, Math.max(...cut.map(({ time = 0 }) => time)));
