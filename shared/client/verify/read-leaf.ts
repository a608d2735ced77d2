import * as z from 'zod';
import { ConfigSet } from '#events/config-set.ts';
import { EntryLate } from '#events/entry-late.ts';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { KeyAnnounced, keyAnnouncedVersion } from '#events/key-announced.ts';
import { KeyPublished } from '#events/key-published.ts';
import { RegistryChanged } from '#events/registry-changed.ts';
import { RegistryCommanded, registryCommandedVersion } from '#events/registry-commanded.ts';
import { sha256Url } from '../../kernel/bytes.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../../kernel/strict-json.ts';
import { NotedKind, type NotedLeaf, readNoted } from './noted-leaf.ts';

/** A leaf of the log, read. */
export type InquiryLeaf = {
  readonly kind: 'inquiry';
  readonly id: InquiryId;
  readonly intent: InquiryAsked;
  readonly outcome: InquiryAnswered;
};
export type RegistryLeaf = {
  readonly kind: 'registry';
  readonly id: InquiryId;
  readonly event: RegistryChanged;
};
/** A change of the registry by a signed command: a `registry` record of version 2. */
export type CommandLeaf = {
  readonly kind: 'command';
  readonly id: InquiryId;
  readonly event: RegistryCommanded;
};
/** A key of the exchange itself; that of version 2 says from when on it signs. */
export type KeyLeaf = {
  readonly kind: 'key';
  readonly id: InquiryId;
  readonly event: KeyPublished | KeyAnnounced;
};
export type ConfigLeaf = { readonly kind: 'config'; readonly event: ConfigSet };
export type LateLeaf = { readonly kind: 'late'; readonly event: EntryLate };
export type RecordLeaf = RegistryLeaf | CommandLeaf | KeyLeaf | ConfigLeaf | LateLeaf | NotedLeaf;
export type Leaf = InquiryLeaf | RecordLeaf;

/** Why leaf data is no leaf of this log. */
export const leafFaults = {
  'not-lines': 'It is not one record, or an intent and an outcome, a line each.',
  'not-json': 'A line is not strict JSON with an object in it.',
  'unknown-kind': 'It is of a kind that this verifier does not know.',
  'wrong-members': 'Members are missing, surplus or of the wrong form.',
  'wrong-id': 'Its id is not a UUIDv7 in lower case.',
  'ids-differ': 'The outcome names another id than the intent.',
  'intent-differs': 'The outcome was recorded for another intent: the hashes differ.',
} as const;
export type LeafFault = keyof typeof leafFaults;

export type ReadLeaf =
  | { readonly leaf: Leaf; readonly fault?: undefined }
  | { readonly leaf?: undefined; readonly fault: LeafFault };

const newline = 0x0a;

/** Whether leaf data is a record of one line; the other form is an inquiry of two. */
export const isRecord = (data: Uint8Array): boolean =>
  data.length > 0 && data.indexOf(newline) === data.length - 1;

const jsonOf = (line: Uint8Array): JsonObject | undefined => {
  try {
    const json = parseStrictJson(line);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

const parse = <Event>(schema: z.ZodType<Event>, json: JsonObject): Event | undefined =>
  schema.safeParse(json).data;

const wrongMembers: ReadLeaf = { fault: 'wrong-members' };

const withId = <Event extends { readonly id: string }>(
  event: Event | undefined,
  make: (event: Event, id: InquiryId) => Leaf,
): ReadLeaf => {
  if (event === undefined) return wrongMembers;
  const id = InquiryId.safeParse(event.id).data;
  return id === undefined ? { fault: 'wrong-id' } : { leaf: make(event, id) };
};

const readRegistry = (json: JsonObject): ReadLeaf =>
  json['v'] === registryCommandedVersion
    ? withId(parse(RegistryCommanded, json), (event, id) => ({ kind: 'command', id, event }))
    : withId(parse(RegistryChanged, json), (event, id) => ({ kind: 'registry', id, event }));

const readKey = (json: JsonObject): ReadLeaf =>
  withId(
    json['v'] === keyAnnouncedVersion ? parse(KeyAnnounced, json) : parse(KeyPublished, json),
    (event, id) => ({ kind: 'key', id, event }),
  );

const RecordKind = z.enum(['registry', 'key', 'late', 'config', ...NotedKind.options]);

const readRecord = (line: Uint8Array): ReadLeaf => {
  const json = jsonOf(line);
  if (json === undefined) return { fault: 'not-json' };
  const kind = RecordKind.safeParse(json['k']).data;
  if (kind === undefined) return { fault: 'unknown-kind' };
  switch (kind) {
    case 'registry':
      return readRegistry(json);
    case 'key':
      return readKey(json);
    case 'late':
      return withId(parse(EntryLate, json), (event) => ({ kind: 'late', event }));
    case 'config': {
      const event = parse(ConfigSet, json);
      return event === undefined ? wrongMembers : { leaf: { kind: 'config', event } };
    }
    case 'access':
    case 'erase':
    case 'hold':
    case 'census':
    case 'statement':
    case 'dispute':
      return readNoted(kind, json);
  }
};

const readInquiry = (first: Uint8Array, second: Uint8Array): ReadLeaf => {
  const [asked, answered] = [jsonOf(first), jsonOf(second)];
  if (asked === undefined || answered === undefined) return { fault: 'not-json' };
  if (asked['k'] !== 'i' || answered['k'] !== 'o') return { fault: 'unknown-kind' };
  const intent = parse(InquiryAsked, asked);
  const outcome = parse(InquiryAnswered, answered);
  if (intent === undefined || outcome === undefined) return wrongMembers;
  if (outcome.id !== intent.id) return { fault: 'ids-differ' };
  if (outcome.i !== sha256Url(first)) return { fault: 'intent-differs' };
  return withId(intent, (_, id) => ({ kind: 'inquiry', id, intent, outcome }));
};

/**
 * Reads leaf data: I ‖ 0x0A ‖ O ‖ 0x0A, or R ‖ 0x0A (audit-log.md §2). Its bytes are what was hashed;
 * nothing is serialised again.
 */
export const readLeaf = (data: Uint8Array): ReadLeaf => {
  const first = data.indexOf(newline);
  if (first < 1 || data.at(-1) !== newline) return { fault: 'not-lines' };
  const line = data.subarray(0, first);
  if (first === data.length - 1) return readRecord(line);
  const second = data.indexOf(newline, first + 1);
  if (second !== data.length - 1 || second === first + 1) return { fault: 'not-lines' };
  return readInquiry(line, data.subarray(first + 1, second));
};
