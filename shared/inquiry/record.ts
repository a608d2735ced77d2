import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import type { Address } from '../audit/address.ts';
import { packRecord, unpackRecord } from '../audit/pack.ts';
import type { HoldRow, IntentRow, OutcomeRow } from '../audit/ports.ts';
import { nonceLength, seal, unseal, type VaultKey } from '../audit/vault.ts';
import { type SecretKey, sha256Url } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { RequestClaims } from '../message/claims.ts';
import { type ExchangeSettings } from './exchange.ts';
import type { Random } from './ports.ts';

/** A record as it stands in the log: its exact text, and what the text says. */
export type Recorded<Event> = { readonly text: string; readonly event: Event };

export type Asked = Recorded<InquiryAsked> & { readonly claims: RequestClaims };
export type Answered = Recorded<InquiryAnswered>;

type Sealing = { readonly settings: Pick<ExchangeSettings, 'vaultKey'>; readonly random: Random };

const vaultKeyOf = ({ settings, random }: Sealing): VaultKey => ({
  key: settings.vaultKey,
  nonce: () => random(nonceLength),
});

/** The claims inside a JWS that stands in the journal: it was verified before it was written. */
const recordedClaims = (jws: string): RequestClaims => {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8');
  const json: unknown = JSON.parse(payload);
  return RequestClaims.parse(json);
};

export const asked = (event: InquiryAsked): Asked => ({
  text: canonicalJson(event),
  event,
  claims: recordedClaims(event.req),
});

export const answered = ({ res, withheld, fee, ...rest }: InquiryAnswered): Answered => {
  const event = {
    ...rest,
    ...(res !== undefined && { res }),
    ...(withheld !== undefined && { withheld }),
    ...(fee !== undefined && { fee }),
  };
  return { text: canonicalJson(event), event };
};

const intentContext = (id: string): string => `${id}#i`;

/** A held answer belongs to one outcome: beside another (a tombstone) it cannot be opened. */
const holdContext = (outcome: Answered): string =>
  `${outcome.event.id}#h ${sha256Url(outcome.text)}`;

export const toIntentRow = (
  intent: Asked,
  disclosures: readonly string[],
  sealing: Sealing,
): IntentRow => ({
  record: packRecord(intent.text),
  vault: seal(disclosures, intentContext(intent.event.id), vaultKeyOf(sealing)),
});

/** The intent whose text this is: what was written, so it is trusted. */
export const fromIntentText = (text: string): Asked => {
  const event = InquiryAsked.parse(JSON.parse(text));
  return { text, event, claims: recordedClaims(event.req) };
};

export const fromIntentRow = (row: IntentRow): Asked => fromIntentText(unpackRecord(row.record));

/** The request's disclosures from the vault beside an intent; undefined once they were erased. */
export const openVault = (
  { id }: Pick<Address, 'id'>,
  { vault }: Pick<IntentRow, 'vault'>,
  settings: Pick<ExchangeSettings, 'vaultKey'>,
): readonly string[] | undefined =>
  vault.length === 0 ? undefined : unseal(vault, intentContext(id), { key: settings.vaultKey });

export const toOutcomeRow = (outcome: Answered, hold?: HoldRow): OutcomeRow => ({
  record: packRecord(outcome.text),
  ...(hold !== undefined && { hold }),
});

export const fromOutcomeRow = (row: OutcomeRow): Answered => {
  const text = unpackRecord(row.record);
  return { text, event: InquiryAnswered.parse(JSON.parse(text)) };
};

export const toHoldRow = (
  outcome: Answered,
  disclosures: readonly string[],
  until: number,
  { key, random }: { readonly key: SecretKey; readonly random: Random },
): HoldRow => {
  const nonce = (): Uint8Array => random(nonceLength);
  return { vault: seal(disclosures, holdContext(outcome), { key, nonce }), until };
};

/** The answer's disclosures from a hold, under the key of its window; undefined once they were erased. */
export const fromHoldRow = (
  { vault }: Pick<HoldRow, 'vault'>,
  outcome: Answered,
  key: SecretKey,
): readonly string[] | undefined =>
  vault.length === 0 ? undefined : unseal(vault, holdContext(outcome), { key });
