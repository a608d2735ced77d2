import * as z from 'zod';
import { ExportFilter } from '../../audit/export/export-filter.ts';
import { sha256Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { requestFacts } from '../../message/claims.ts';
import { Reason } from '../../registry/reason.ts';
import { filterShape, rangeShape } from '../entries/entry-query.ts';
import { type DisclosureRequest, parseDisclosureRequest } from '../facts/disclosure-request.ts';
import { Order } from '../order.ts';
import { parseBody } from '../parse-body.ts';

/** Facts that one export may open: a reader may open as many in an hour. */
const mostOpened = 60;

/** What leaves say of themselves; and a province, which is that of the counter on the day. */
const Filter = z
  .strictObject({
    from: rangeShape.from.optional(),
    to: rangeShape.to.optional(),
    id: InquiryId.optional(),
    ...filterShape,
  })
  .omit({ operator: true, hasCase: true });

/** Leaves of one log, or of all; `from` up to and without `to`. */
const Leaves = z.strictObject({
  shard: z.int().min(0).max(9999).optional(),
  from: z.int().min(0).optional(),
  to: z.int().min(1).optional(),
});

const ToOpen = z.strictObject({ inquiry: InquiryId, fact: z.enum(requestFacts) });

const Body = z.strictObject({
  /** Made by the reader, so that an answer that was lost makes no second job. */
  id: InquiryId,
  range: Leaves.optional(),
  filter: Filter.optional(),
  disclosures: z.array(ToOpen).min(1).max(mostOpened).optional(),
  order: Order.optional(),
  reason: Reason.optional(),
});

export type LeafRange = z.infer<typeof Leaves>;

/** What somebody wants exported. */
export type ExportRequest = {
  readonly id: InquiryId;
  readonly what:
    | { readonly kind: 'range'; readonly range: LeafRange }
    | { readonly kind: 'filter'; readonly filter: ExportFilter };
  readonly disclosures: readonly DisclosureRequest[];
  readonly order?: string;
  readonly reason?: string;
};

const invalid = (pointer: string, detail: string): Problem =>
  new Problem('invalid-body', 'This cannot be exported.', { errors: [{ pointer, detail }] });

const instant = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : toRfc3339(milliseconds);

/** Who names one inquiry need not say when it was asked: its id does. */
const timesOf = ({ id, from, to }: z.infer<typeof Filter>) => {
  if (id === undefined || (from ?? to) !== undefined) return { from, to };
  return { from: timeOf(id), to: timeOf(id) + 1 };
};

const toExportFilter = (filter: z.infer<typeof Filter>): ExportFilter => {
  const { from, to } = timesOf(filter);
  if (from !== undefined && to !== undefined && from >= to) {
    throw invalid('/filter/to', 'must be later than from');
  }
  const named = { ...filter, from: instant(from), to: instant(to) };
  return ExportFilter.parse(
    Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
  );
};

const whatOf = ({ range, filter }: z.infer<typeof Body>): ExportRequest['what'] => {
  if (range !== undefined && filter === undefined) {
    const { shard, from, to } = range;
    if (shard === undefined && (from ?? to) !== undefined) {
      throw invalid('/range/shard', 'must say of which log, where from or to is given');
    }
    if ((from ?? 0) >= (to ?? Number.POSITIVE_INFINITY)) {
      throw invalid('/range/to', 'must be greater than from');
    }
    return { kind: 'range', range };
  }
  if (range === undefined && filter !== undefined) {
    return { kind: 'filter', filter: toExportFilter(filter) };
  }
  throw invalid('', 'must have either range or filter');
};

/** Parses what was posted; `invalid-body` says where it does not fit, and nothing of what stands there. */
export const parseExportRequest = (json: JsonObject): ExportRequest => {
  const body = parseBody(Body, json);
  const { id, disclosures = [], order, reason } = body;
  const said = { ...(order !== undefined && { order }), ...(reason !== undefined && { reason }) };
  const what = whatOf(body);
  return {
    id,
    what,
    // Each as it is asked by itself, with the same rule of what needs an order.
    disclosures: disclosures.map((one) => parseDisclosureRequest({ ...one, ...said })),
    ...said,
  };
};

const present = ({ shard, from, to }: LeafRange): JsonObject => ({
  ...(shard !== undefined && { shard }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** What is asked, as it goes on record: no fact that is opened, and nothing of a person. */
export const askedOf = ({ id, what, disclosures }: ExportRequest): JsonObject => ({
  export: id,
  ...(what.kind === 'range' ? { range: present(what.range) } : { filter: { ...what.filter } }),
  ...(disclosures.length > 0 && { disclosures: disclosures.length }),
});

/** The same for what is the same, by the same reader. */
export const digestOf = (request: ExportRequest, by: string): string => {
  const { disclosures, order, reason } = request;
  return sha256Url(
    canonicalJson({
      by,
      ...askedOf(request),
      disclosures: disclosures.map(({ inquiry, fact }) => ({ inquiry, fact })),
      ...(order !== undefined && { order }),
      ...(reason !== undefined && { reason }),
    }),
  );
};
