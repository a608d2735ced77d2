import { type Belonging, belonging } from '../../audit/export/belonging.ts';
import {
  type ExportFilter,
  type Filtering,
  filterWords,
} from '../../audit/export/export-filter.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { ReadReceipt } from './check-receipt.ts';

/** What a receipt says of its inquiry, as far as a filter may name it. */
const viewIn = ({ claims }: ReadReceipt): JsonObject => {
  const { inq_id: id, aud, outcome, decision } = claims;
  const { effect, rule } = decision;
  // Whoever signs for a counter is told in its place, and not which counter it was.
  const isCounter = roleOf(aud) === 'counter';
  return { kind: 'inquiry', id, outcome, effect, rule, ...(isCounter && { counter: aud }) };
};

/** The members of a filter that are about what is known. */
const knownPart = (filter: ExportFilter, view: JsonObject): ExportFilter => {
  const unknown = ['province', ...filterWords.filter((name) => view[name] === undefined)];
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !unknown.includes(name)));
};

/**
 * Whether the leaf of a receipt has a row in a filtered export, as far as the receipt tells: then a row
 * that is not there was left out.
 */
export const rowOfReceipt = ({ filter, scope }: Filtering, receipt: ReadReceipt): Belonging => {
  const view = viewIn(receipt);
  const known = knownPart(filter, view);
  if (belonging({ filter: known }, view, undefined) === 'none') return 'none';
  const isTold = Object.keys(filter).length === Object.keys(known).length;
  const isSeen =
    scope === undefined ||
    scope.some((one) => Object.keys(one).length === 1 && one.counter === view['counter']);
  return isTold && isSeen ? 'row' : 'untold';
};
