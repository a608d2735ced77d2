/** Rows of the journal as the exchange writes them; their tokens are noise of the usual size. */
import { v7 } from 'uuid';
import type { InquiryAnswered } from '#events/inquiry-answered.ts';
import type { InquiryAsked } from '#events/inquiry-asked.ts';
import type { KeyPublished } from '#events/key-published.ts';
import { type Address, addressOf, type Layout } from '#shared/audit/address.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { packRecord } from '#shared/audit/pack.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { tombstone } from '#shared/audit/tombstone.ts';
import { sha256Url, toBase64Url } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';

export type Noise = (count: number) => Uint8Array;

/** An inquiry on its way: where its rows belong, and the text of I. */
export type MadeIntent = { readonly address: Address; readonly intent: string };

export type MadeRecord = { readonly address: Address; readonly record: string };

/** A new id of an instant, in milliseconds. */
export const idAt = (milliseconds: number, noise: Noise): InquiryId =>
  InquiryId.parse(v7({ msecs: milliseconds, random: noise(16) }));

const header = toBase64Url(
  Buffer.from('{"alg":"ES256","kid":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"}'),
);

const token = (noise: Noise, size: number): string =>
  [header, toBase64Url(noise(size)), toBase64Url(noise(64))].join('.');

/** I of an inquiry made at `t`; `size` is about how long its token's payload is, in bytes. */
export const makeIntent = (
  layout: Layout,
  noise: Noise,
  { t, id = idAt(t, noise), size = 24 }: { t: number; id?: InquiryId; size?: number },
): MadeIntent => {
  const event: InquiryAsked = {
    v: 1,
    k: 'i',
    id,
    t,
    dec: { effect: 'allow', rule: 'open-service', registry: 12 },
    req: token(noise, size),
  };
  return { address: addressOf(id, layout), intent: canonicalJson(event) };
};

/** O of an inquiry that was answered at `t`. */
export const makeOutcome = (
  { address, intent }: MadeIntent,
  noise: Noise,
  { t, out = 'FOUND', size = 24 }: { t: number; out?: InquiryAnswered['out']; size?: number },
): string => {
  const event = {
    v: 1,
    k: 'o',
    id: address.id,
    i: sha256Url(intent),
    t,
    out,
    http: 200,
    ms: 180,
  } satisfies InquiryAnswered;
  return canonicalJson(out === 'FOUND' ? { ...event, res: token(noise, size) } : event);
};

/** O of an inquiry whose process was lost. */
export const makeTombstone = ({ address, intent }: MadeIntent, t: number): string =>
  canonicalJson({ ...tombstone(address.id, intent, t) });

/** A record of its own, of a key that was published at `t`. */
export const makeRecord = (
  layout: Layout,
  noise: Noise,
  { t, id = idAt(t, noise) }: { t: number; id?: InquiryId },
): MadeRecord => {
  const event: KeyPublished = {
    v: 1,
    k: 'key',
    id,
    t,
    kid: toBase64Url(noise(32)),
    jwk: canonicalJson({ crv: 'P-256', kty: 'EC' }),
  };
  return { address: addressOf(id, layout), record: canonicalJson(event) };
};

export const intentRow = ({ intent }: MadeIntent) => ({
  record: packRecord(intent),
  vault: Uint8Array.of(),
});

export const recordRow = (text: string) => ({ record: packRecord(text) });

/** The leaf hash that a receipt promises. */
export const promiseOf = (intent: string, outcome: string): string =>
  toBase64Url(leafHash(leafData(intent, outcome)));

export const recordPromise = (record: string): string =>
  toBase64Url(leafHash(recordLeafData(record)));
