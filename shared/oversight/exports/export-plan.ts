import * as z from 'zod';
import { ExportFilter, ExportScopes } from '../../audit/export/export-filter.ts';
import type { ExportOrder } from '../../audit/export/export-order.ts';
import { Range } from '../../audit/export/manifest.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { logFiles } from '../../audit/sequence/log-files.ts';
import { fromBase64, toBase64 } from '../../audit/tlog/base64.ts';
import { hashSize } from '../../audit/tlog/hash.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { InquiryId } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';

/** Facts that were opened for an export, as texts of SD-JWT disclosures. */
const Opened = z.strictObject({
  inquiry: InquiryId,
  texts: z.strictObject({ request: z.array(z.string()), response: z.array(z.string()) }),
});
export type Opened = z.infer<typeof Opened>;

const bytes = z.string().transform((text, context) => {
  const read = fromBase64(text);
  if (read !== undefined) return read;
  context.addIssue('It is not base64.');
  return z.NEVER;
});

const Part = z.strictObject({
  ...Range.shape,
  size: z.int().min(1),
  root: bytes.refine(({ length }) => length === hashSize),
  checkpoint: bytes,
});

/**
 * What an export is to hold, settled once when it is taken: whoever makes a piece of it, whenever, goes
 * by the same cut.
 */
export const ExportPlan = z.strictObject({
  /** The digest of what was asked, and by whom. */
  asked: z.string(),
  parts: z.array(Part),
  policy: bytes.exactOptional(),
  filtering: z
    .strictObject({ filter: ExportFilter, scope: ExportScopes.exactOptional() })
    .exactOptional(),
  pending: z.strictObject({ count: z.int().min(0), ids: z.array(InquiryId) }).exactOptional(),
  opened: z.array(Opened).max(64),
});
export type ExportPlan = z.infer<typeof ExportPlan>;

export const formatPlan = (plan: ExportPlan): Uint8Array => {
  const { asked, parts, policy, filtering, pending, opened } = plan;
  const json: JsonObject = {
    asked,
    parts: parts.map(({ shard, from, to, size, root, checkpoint }) => ({
      shard,
      from,
      to,
      size,
      root: toBase64(root),
      checkpoint: toBase64(checkpoint),
    })),
    ...(policy !== undefined && { policy: toBase64(policy) }),
    ...(filtering !== undefined && {
      filtering: {
        filter: { ...filtering.filter },
        ...(filtering.scope !== undefined && { scope: filtering.scope.map((one) => ({ ...one })) }),
      },
    }),
    ...(pending !== undefined && { pending: { count: pending.count, ids: [...pending.ids] } }),
    opened: opened.map(({ inquiry, texts }) => ({ inquiry, texts: { ...texts } })),
  };
  return utf8(canonicalJson(json));
};

export const parsePlan = (text: Uint8Array): ExportPlan =>
  ExportPlan.parse(JSON.parse(Buffer.from(text).toString('utf8')));

/** The leaves that are looked at. */
export const leavesIn = ({ parts }: Pick<ExportPlan, 'parts'>): number =>
  parts.reduce((sum, { from, to }) => sum + to - from, 0);

/** The order of a plan, over the log's objects. */
export const orderOf = (
  { parts, policy, filtering, pending }: ExportPlan,
  objects: Pick<ObjectStore, 'get'>,
): ExportOrder => ({
  parts: parts.map((part) => ({ ...part, files: logFiles(objects, part.shard) })),
  ...(policy !== undefined && { policy }),
  ...(filtering !== undefined && { filtering }),
  ...(pending !== undefined && { pending }),
});
