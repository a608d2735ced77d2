import type { LogRead } from '#events/log-read.ts';
import type { JournalStore } from '../audit/ports.ts';
import { putLeaf } from '../audit/put-leaf.ts';
import type { Exchange } from '../inquiry/exchange.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { InquiryId } from '../kernel/id.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../kernel/strict-json.ts';
import { holdsLongNumber } from '../registry/plain-text.ts';

/** One read of what is about others. */
export type Access = {
  /** The participant who reads. */
  readonly by: string;
  /** The key that signed the request. */
  readonly kid: string;
  readonly act: LogRead['act'];
  /** What was asked, without a subject and without a cursor; times in ISO 8601, UTC. */
  readonly filter: JsonObject;
  readonly order?: string;
  readonly reason?: string;
  /** How many entries are shown. */
  readonly n: number;
  /** That it was refused, and so nothing is shown. */
  readonly refused?: true;
};

/** What a read is put on record with. */
export type AccessNotes = Pick<Exchange, 'now' | 'random'> & {
  readonly journal: Pick<JournalStore, 'putRecord'>;
  readonly settings: Pick<Exchange['settings'], 'layout'>;
};

/** Puts a read on record; rejects with the problem `store-unavailable`. */
export type NoteAccess = (access: Access) => Promise<void>;

/** Stands in a filter for a text that could be a person's number. */
export const withheldText = 'withheld';

/** As Date.prototype.toISOString writes it. */
const instant = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

const mayHold = (text: string): boolean =>
  !holdsLongNumber(text) || instant.test(text) || InquiryId.safeParse(text).success;

/** A filter is typed by hand: a person's number may stand in it by mistake, and would for good. */
const recorded = (value: JsonValue): JsonValue => {
  if (typeof value === 'string') return mayHold(value) ? value : withheldText;
  if (isJsonArray(value)) return value.map(recorded);
  return isJsonObject(value) ? recordedFilter(value) : value;
};

const recordedFilter = (filter: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, recorded(value)]));

/**
 * Puts a read on record as a leaf of its own, durably once it resolves: nothing is shown before. When
 * it rejects with `store-unavailable` the leaf may be there or not, and nothing is shown either; whoever
 * reads again makes another.
 */
export const noteAccess =
  ({ journal, settings: { layout }, now, random }: AccessNotes): NoteAccess =>
  ({ by, kid, act, filter, order, reason, n, refused }) =>
    putLeaf({ journal, layout, now, random }, (id, t) => {
      const text = canonicalJson(recordedFilter(filter));
      return {
        ...({ v: 1, k: 'access', id, t, by, kid, act, filter: text, n } satisfies LogRead),
        ...(order !== undefined && { order }),
        ...(reason !== undefined && { reason }),
        ...(refused !== undefined && { refused }),
      };
    });
