/** Leaves as the exchange would write them, with real signatures; every member can be bent. */
import type { ConfigSet } from '#events/config-set.ts';
import type { InquiryAnswered } from '#events/inquiry-answered.ts';
import type { InquiryAsked } from '#events/inquiry-asked.ts';
import { type LogRead, logReadExample } from '#events/log-read.ts';
import type { RegistryCommanded } from '#events/registry-commanded.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { sha256Url, toBase64Url } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { type JsonObject, type JsonValue, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { jwsPart } from '#shared/message/framing.ts';
import { kinds } from '#shared/message/kind.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { RegisteredKey } from '#shared/registry/registered-key.ts';
import { testOrigin } from './log-builder.ts';
import {
  buildMessage,
  buildRequest,
  buildResponse,
  inquiryIdAt,
  newJti,
  type Overrides,
  type TestKey,
  testNow,
  withInquiry,
} from './messages.ts';
import { entryText, keyEntryOf } from './registry.ts';

export const configLeaf = (change: Partial<ConfigSet> = {}): Uint8Array =>
  recordLeafData(
    canonicalJson({
      v: 1,
      k: 'config',
      t: testNow - 60_000,
      origin: testOrigin,
      shard: 0,
      shards: 1,
      slots: 16,
      mmd: 120,
      ...change,
    }),
  );

/** A participant's key on record, made at `t`. */
export const registryLeaf = (
  key: TestKey,
  t: number = testNow - 60_000,
  change: Partial<RegisteredKey> = {},
): Uint8Array => {
  const entry = keyEntryOf(key, change);
  return recordLeafData(
    canonicalJson({
      v: 1,
      k: 'registry',
      id: inquiryIdAt(t),
      t,
      kind: 'key',
      key: entry.kid,
      n: entry.version,
      entry: entryText(entry),
    }),
  );
};

export type CommandParts = {
  /** Who signs it. */
  readonly by: TestKey;
  /** The number of the change. */
  readonly n: number;
  /** Milliseconds: when the change was made. */
  readonly t: number;
  readonly do: string;
  /** What it led to; each entry gets the number of the change. */
  readonly entries: readonly RegistryEntry[];
  /** The id of the command. */
  readonly command?: string;
  /** The message. */
  readonly message?: Overrides;
  /** The record, once everything in it is made. */
  readonly event?: (event: RegistryCommanded) => RegistryCommanded;
};

/** A change of the registry by a signed command. */
export const commandLeaf = async (parts: CommandParts): Promise<Uint8Array> => {
  const { by, n, t, entries, command = inquiryIdAt(t), message, event = (made) => made } = parts;
  const jws = await buildMessage({
    ...message,
    key: by,
    kind: kinds.command,
    base: {
      iss: by.owner,
      aud: 'https://exchange.example/v1/commands',
      iat: Math.floor(t / 1000),
      exp: Math.floor(t / 1000) + 60,
      jti: newJti(),
      cmd: { id: command, do: parts.do, on: (entries[0]?.version ?? 1) - 1, with: {} },
    },
  });
  const made = event({
    v: 2,
    k: 'registry',
    id: inquiryIdAt(t),
    t,
    n,
    command: jws,
    entries: canonicalJson({
      entries: entries.map((entry) => parseStrictJson(entryText({ ...entry, n }))),
    }),
  });
  return recordLeafData(canonicalJson({ ...made }));
};

/** The exchange's own key on record. */
export const keyLeaf = ({ kid, jwk }: TestKey, t: number = testNow - 60_000): Uint8Array =>
  recordLeafData(
    canonicalJson({ v: 1, k: 'key', id: inquiryIdAt(t), t, kid, jwk: canonicalJson(jwk) }),
  );

/** A key of the exchange that signs from a time on. */
export const announcedKeyLeaf = ({ kid, jwk }: TestKey, t: number, from: number): Uint8Array =>
  recordLeafData(
    canonicalJson({ v: 2, k: 'key', id: inquiryIdAt(t), t, kid, jwk: canonicalJson(jwk), from }),
  );

/** Any record, as it stands. */
export const recordLeaf = (event: JsonObject): Uint8Array => recordLeafData(canonicalJson(event));

/** Somebody read entries at `t`. */
export const accessLeaf = (t: number, change: Partial<LogRead> = {}): Uint8Array =>
  recordLeaf({ ...logReadExample, id: inquiryIdAt(t), t, ...change });

export const lateLeaf = (id: string, data: Uint8Array, t: number): Uint8Array =>
  recordLeafData(canonicalJson({ v: 1, k: 'late', id, t, leaf: toBase64Url(leafHash(data)) }));

export type InquiryParts = {
  readonly counter: TestKey;
  readonly agency: TestKey;
  /** Milliseconds: when it was asked. */
  readonly t: number;
  readonly id?: string;
  readonly request?: Overrides;
  readonly response?: Overrides & { readonly requestDigest?: string; readonly outcome?: string };
  readonly intent?: (intent: InquiryAsked) => InquiryAsked;
  readonly outcome?: (outcome: InquiryAnswered) => InquiryAnswered;
};

export type MadeInquiry = {
  readonly id: string;
  readonly data: Uint8Array;
  readonly intent: InquiryAsked;
  readonly outcome: InquiryAnswered;
};

/** Without the members that are absent, as canonical JSON wants it. */
const recorded = (outcome: InquiryAnswered): JsonObject => {
  const { res, withheld, fee, ...rest } = outcome;
  return {
    ...rest,
    ...(res !== undefined && { res }),
    ...(withheld !== undefined && { withheld }),
    ...(fee !== undefined && { fee }),
  };
};

const agencyAudience = 'exchange:estelam';

/** One inquiry that was answered: FOUND, with one field disclosed. */
export const makeInquiry = async (parts: InquiryParts): Promise<MadeInquiry> => {
  const { counter, agency, t, id = inquiryIdAt(t) } = parts;
  const bendClaims = parts.request?.claims ?? ((made: JsonObject): JsonValue => made);
  const token = await buildRequest({
    ...parts.request,
    key: counter,
    now: t,
    claims: (made) => bendClaims(withInquiry({ id })(made)),
  });
  const req = jwsPart(token);
  const bent = parts.intent ?? ((intent) => intent);
  const intent = bent({
    v: 1,
    k: 'i',
    id,
    t,
    dec: { effect: 'allow', rule: 'open-service', registry: 12 },
    req,
  });
  const answer = await buildResponse({
    facts: { firstName: 'نمونه' },
    requestDigest: sha256Url(req),
    ...parts.response,
    key: agency,
    now: t,
    audience: agencyAudience,
    inquiryId: id,
  });
  const text = canonicalJson({ ...intent });
  const finish = parts.outcome ?? ((outcome) => outcome);
  const outcome = finish({
    v: 1,
    k: 'o',
    id,
    i: sha256Url(text),
    t: t + 200,
    out: 'FOUND',
    http: 200,
    ms: 180,
    res: jwsPart(answer),
  });
  const data = leafData(text, canonicalJson(recorded(outcome)));
  return { id, data, intent, outcome };
};

/** An outcome without an answer: the agency was not asked, or said nothing that could be kept. */
export const withoutAnswer =
  (out: InquiryAnswered['out']) =>
  ({ v, k, id, i, t }: InquiryAnswered): InquiryAnswered => ({
    v,
    k,
    id,
    i,
    t,
    out,
    http: 0,
    ms: 0,
  });

export type ReceiptParts = Overrides & {
  readonly exchange: TestKey;
  readonly origin?: string;
};

/** The receipt of an inquiry, as the exchange signs it. */
export const receiptOf = (
  { data, intent, outcome }: MadeInquiry,
  { exchange, origin = testOrigin, ...overrides }: ReceiptParts,
): Promise<string> => {
  const payload: unknown = JSON.parse(
    Buffer.from(intent.req.split('.')[1] ?? '', 'base64url').toString(),
  );
  const jti =
    typeof payload === 'object' && payload !== null && 'jti' in payload ? String(payload.jti) : '';
  return buildMessage({
    ...overrides,
    key: exchange,
    kind: kinds.receipt,
    base: {
      iss: 'exchange:estelam',
      aud: 'counter:72110345',
      iat: Math.floor(outcome.t / 1000),
      jti: newJti(),
      in_reply_to: jti,
      req_s256: sha256Url(intent.req),
      inq_id: intent.id,
      decision: intent.dec,
      outcome: outcome.out,
      ...(outcome.res !== undefined && { answer_s256: sha256Url(outcome.res) }),
      leaf: toBase64Url(leafHash(data)),
      log: origin,
      mmd: 120,
    },
  });
};
