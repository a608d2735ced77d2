/** The exchange over memory twins, with a clock that is moved by hand and an honest agency. */
import * as z from 'zod';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { type Address, addressOf } from '#shared/audit/address.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { type Exchange, type ExchangeSettings, exchangeId } from '#shared/inquiry/exchange.ts';
import { holdKeys } from '#shared/inquiry/hold-keys.ts';
import type { PublishedKey } from '#shared/inquiry/key-ring.ts';
import type { LogStatus } from '#shared/inquiry/log-status.ts';
import {
  type AgencyScript,
  type MemoryAgencies,
  memoryAgencies,
} from '#shared/inquiry/memory-agencies.ts';
import {
  type MemoryHoldKeyStore,
  memoryHoldKeyStore,
} from '#shared/inquiry/memory-hold-key-store.ts';
import { type MemoryLogStatus, memoryLogStatus } from '#shared/inquiry/memory-log-status.ts';
import { type MemoryMeterStore, memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import {
  type MemoryRefusalNotes,
  memoryRefusalNotes,
} from '#shared/inquiry/memory-refusal-notes.ts';
import type { AgencyCall, AgencyReply, Briefly, Random, Timed } from '#shared/inquiry/ports.ts';
import type { Settled } from '#shared/inquiry/settled.ts';
import { quotaSpender } from '#shared/inquiry/spend-quota.ts';
import { submitInquiry } from '#shared/inquiry/submit.ts';
import { fromBase64Url, sha256, sha256Url } from '#shared/kernel/bytes.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '#shared/kernel/strict-json.ts';
import { ForwardClaims, ReceiptClaims, RequestClaims } from '#shared/message/claims.ts';
import { jwsPart } from '#shared/message/framing.ts';
import { kinds } from '#shared/message/kind.ts';
import { receiveForward } from '#shared/message/receive.ts';
import { withConfidential } from '#shared/registry/confidential-bases.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import {
  type MemoryRegistryStore,
  memoryRegistryStore,
} from '#shared/registry/memory-registry-store.ts';
import { makeTestLog, type TestLog } from './exchange-log.ts';
import {
  buildMessage,
  buildRequest,
  buildResponse,
  directoryOf,
  makeKey,
  newJti,
  type Overrides,
  registered,
  type TestKey,
  testNow,
  withMembers,
} from './messages.ts';
import { agencyOf, counterOf, keyEntryOf, sampleServices } from './registry.ts';

/** A clock that stands still until it is moved. Milliseconds. */
export type TestClock = { readonly now: Clock; readonly advance: (milliseconds: number) => void };

export const testClock = (start: number = testNow): TestClock => {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
};

/** Bytes that never come twice from one source and are the same in every run. */
export const countedRandom = (): Random => {
  let count = 0;
  return (length) => {
    count += 1;
    return sha256(`random ${count}`).subarray(0, length);
  };
};

/** Waits for as long as it takes: time stands still. */
export const patiently: Briefly = async (work) => {
  await work.catch(() => undefined);
};

/** Runs every step as it comes. */
export const untimed: Timed = (_step, work) => work();

export const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The payload of a compact JWS, unverified: for tests that look at what was signed. */
export const payloadOf = (message: string): JsonObject => {
  const bytes = fromBase64Url(jwsPart(message).split('.')[1] ?? '') ?? new Uint8Array();
  const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return z.record(z.string(), z.json()).parse(json);
};

export const receiptOf = (receipt: string): ReceiptClaims =>
  ReceiptClaims.parse(payloadOf(receipt));

/** The claims of a receipt that a retry must repeat: all but when and under which id it was signed. */
export const factsOfReceipt = (receipt: string): JsonObject => {
  const signing = { iat: undefined, jti: undefined };
  return withMembers(signing)(payloadOf(receipt));
};

/** The disclosures of an SD-JWT as name → value. */
export const disclosedIn = (message: string): JsonObject => {
  const texts = message.split('~').slice(1, -1);
  const parts = texts.map((text) => {
    const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return z.tuple([z.string(), z.string(), z.json()]).parse(json);
  });
  return Object.fromEntries(parts.map(([, name, value]) => [name, value]));
};

/** The texts of the two records of an inquiry, as the log will hold them; empty where there is none. */
export const recordsOf = (
  { rows }: MemoryJournalStore,
  address: Address,
): { readonly intent: string; readonly outcome: string } => {
  const { intent, outcome } = rows(address);
  return {
    intent: intent === undefined ? '' : unpackRecord(intent.record),
    outcome: outcome === undefined ? '' : unpackRecord(outcome.record),
  };
};

/** The outcome that stands under an inquiry. */
export const outcomeOf = (journal: MemoryJournalStore, address: Address): InquiryAnswered =>
  InquiryAnswered.parse(JSON.parse(recordsOf(journal, address).outcome));

/** What an exchange refuses a text with; throws when it does not refuse. */
export const refusal = async (
  { submit }: Pick<TestExchange, 'submit'>,
  text: string,
): Promise<Problem> => {
  const answer = await submit(text).catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('The exchange did not refuse.', { cause: answer });
};

/** What an agency says to one forward; the overrides bend its message. */
export type Say = Overrides & {
  readonly outcome?: string;
  readonly inReplyTo?: string;
  readonly requestDigest?: string;
  readonly inquiryId?: string;
  readonly audience?: string;
  readonly key?: TestKey;
};

export const replied = (
  body: string,
  change: Partial<{ status: number; mediaType: string }> = {},
) => ({ kind: 'replied', status: 200, mediaType: 'application/sd-jwt', body, ...change }) as const;

/** An identity as the sample service declares it. */
export const identityFacts = {
  firstName: 'سارا',
  lastName: 'محمدی',
  fatherName: 'رضا',
  lifeStatus: 'alive',
} as const satisfies JsonObject;

export type TestKeys = {
  readonly counter: TestKey;
  readonly otherCounter: TestKey;
  readonly agency: TestKey;
  readonly otherAgency: TestKey;
  readonly exchange: TestKey;
};

const makeKeys = async (): Promise<TestKeys> => ({
  counter: await makeKey('ES256', 'counter:72110345'),
  otherCounter: await makeKey('Ed25519', 'counter:72110346'),
  agency: await makeKey('ES256', 'agency:civil-registry'),
  otherAgency: await makeKey('Ed25519', 'agency:telecom'),
  exchange: await makeKey('ES256', exchangeId),
});

/** The same keys for every test of a file: nothing secret hangs on them. */
const sharedKeys = makeKeys();

export const testKeys = (): Promise<TestKeys> => sharedKeys;

export const testSettings: ExchangeSettings = {
  origin: 'https://exchange.example',
  layout: { slotKey: sha256('slot key'), slots: 4, shards: 1 },
  vaultKey: sha256('vault key'),
  holdTime: 600_000,
  mergeDelay: 120,
  logLimits: { sequencing: 3600, witness: 14_400 },
  logEntries: 'auditors',
  confidentialBases: {},
  persons: undefined,
};

/** A log that is as it should be, whatever the time. */
export const wellStatus = (now: Clock) => (): LogStatus => ({
  sequencedUntil: now() - 20_000,
  witnessedAt: now() - 5000,
});

/** A key as the only one that the exchange announced. */
const publishedKeyOf = ({ kid, alg, jwk }: TestKey): PublishedKey => ({
  kid,
  alg,
  jwk,
  announced: { at: testNow, from: 0 },
  status: 'current',
});

/** An agency that checks the forward, as the agency kit does, and then says what it is told to. */
export const agencyThatSays =
  (keys: TestKeys, now: Clock, say: (forward: ForwardClaims) => Say | Promise<Say>): AgencyScript =>
  async (call: AgencyCall): Promise<AgencyReply> => {
    const exchangeKey = await registered(keys.exchange);
    const keyOf = directoryOf([exchangeKey]);
    const { claims } = await receiveForward(call.token, { audience: call.agency, keyOf, now });
    const body = await buildResponse({
      key:
        [keys.agency, keys.otherAgency].find(({ owner }) => owner === call.agency) ?? keys.agency,
      now: now(),
      audience: exchangeId,
      inReplyTo: claims.jti,
      requestDigest: sha256Url(jwsPart(claims.origin)),
      inquiryId: claims.inq_id,
      ...(await say(claims)),
    });
    return replied(body);
  };

export type TestExchange = {
  readonly exchange: Exchange;
  readonly clock: TestClock;
  readonly journal: MemoryJournalStore;
  /** The keys of held answers. */
  readonly holdKeyStore: MemoryHoldKeyStore;
  readonly registry: MemoryRegistryStore;
  readonly agencies: MemoryAgencies;
  /** The log of shard 0; empty until the test sequences the journal. */
  readonly log: TestLog;
  /** How the log stands as far as new inquiries are concerned: well. */
  readonly logStatus: MemoryLogStatus;
  /** What was given out of quotas. */
  readonly meters: MemoryMeterStore;
  /** What was noted of refusals. */
  readonly refusals: MemoryRefusalNotes;
  readonly keys: TestKeys;
  /** A fresh request of the counter for the identity service, made now, bent by the overrides. */
  readonly request: (parts?: Overrides & { readonly key?: TestKey }) => Promise<string>;
  /** A fresh token with the same `inq` and the same disclosures: what a counter sends to retry. */
  readonly retry: (text: string, parts?: Overrides & { readonly key?: TestKey }) => Promise<string>;
  readonly submit: (text: string) => Promise<Settled>;
  /** Another process over the same stores: nothing cached, nothing in flight. */
  readonly restart: (change?: Partial<Exchange>) => Pick<TestExchange, 'exchange' | 'submit'>;
  readonly addressOf: (text: string) => Address;
  /** Makes the agency say this from now on. */
  readonly say: (say: Say | ((forward: ForwardClaims) => Say | Promise<Say>)) => void;
};

export type TestExchangeParts = {
  /** Replaces the entries of the registry. */
  readonly registry?: readonly RegistryEntry[];
  readonly settings?: Partial<ExchangeSettings>;
};

export const sampleEntries = (keys: TestKeys): readonly RegistryEntry[] => [
  ...[keys.counter, keys.otherCounter, keys.agency, keys.otherAgency].map((key) => keyEntryOf(key)),
  counterOf('counter:72110345'),
  counterOf('counter:72110346'),
  ...['civil-registry', 'telecom', 'post', 'companies'].map((name) => agencyOf(`agency:${name}`)),
  ...sampleServices,
];

/** By default the agency knows everybody and answers FOUND with {@link identityFacts}. */
export const makeExchange = async (parts: TestExchangeParts = {}): Promise<TestExchange> => {
  const keys = await sharedKeys;
  const clock = testClock();
  const journal = memoryJournalStore();
  const holdKeyStore = memoryHoldKeyStore();
  const registry = memoryRegistryStore(parts.registry ?? sampleEntries(keys));
  const random = countedRandom();
  const settings = { ...testSettings, ...parts.settings };
  const log = makeTestLog({ settings, journal: journal.store, clock });
  const logStatus = memoryLogStatus(wellStatus(clock.now));
  const meters = memoryMeterStore();
  const refusals = memoryRefusalNotes(clock.now);
  const agencies = memoryAgencies(
    agencyThatSays(keys, clock.now, () => ({ outcome: 'FOUND', facts: identityFacts })),
  );
  const restart = (change: Partial<Exchange> = {}): Pick<TestExchange, 'exchange' | 'submit'> => {
    const directory = cachedDirectory(registry.store, clock.now);
    const exchange: Exchange = {
      settings,
      directory: {
        ...directory,
        snapshot: withConfidential(settings.confidentialBases, directory.snapshot),
      },
      journal: journal.store,
      holdKeys: holdKeys({
        store: holdKeyStore.store,
        vaultKey: settings.vaultKey,
        now: clock.now,
        random,
        briefly: patiently,
      }),
      agencies: agencies.agencies,
      signer: () => Promise.resolve(keys.exchange.signer),
      publishedKeys: () => Promise.resolve([publishedKeyOf(keys.exchange)]),
      log: log.access,
      logStatus: logStatus.store,
      spendQuota: quotaSpender(meters.store),
      meters: meters.store,
      refusals: refusals.store,
      now: clock.now,
      random,
      ...change,
    };
    const use = submitInquiry(exchange);
    return { exchange, submit: (text) => use({ text, traceparent, timed: untimed }) };
  };
  const { exchange, submit } = restart();
  return {
    exchange,
    submit,
    restart,
    clock,
    journal,
    holdKeyStore,
    registry,
    agencies,
    log,
    logStatus,
    meters,
    refusals,
    keys,
    request: (overrides = {}) =>
      buildRequest({ key: keys.counter, now: clock.now(), ...overrides }),
    retry: (text, overrides = {}) => retryOf(text, { key: keys.counter, ...overrides }, clock.now),
    addressOf: (text) =>
      addressOf(RequestClaims.parse(payloadOf(text)).inq.id, exchange.settings.layout),
    say: (say) =>
      agencies.play(agencyThatSays(keys, clock.now, typeof say === 'function' ? say : () => say)),
  };
};

const retryOf = (
  text: string,
  { key, ...overrides }: Overrides & { readonly key: TestKey },
  now: Clock,
): Promise<string> => {
  const base = withMembers({ _sd: undefined })(payloadOf(text));
  const iat = Math.floor(now() / 1000);
  const disclosures = text.split('~').slice(1, -1);
  return buildMessage({
    disclosures: () => disclosures,
    ...overrides,
    key,
    kind: kinds.request,
    base: { ...base, iss: key.owner, iat, exp: iat + 60, jti: newJti() },
  });
};

/** Some members of `inq` for another service than the identity service. */
export const inquiryFor = (
  service: string,
  subject: JsonValue,
  params: JsonObject,
): Pick<Overrides, 'facts' | 'claims'> => ({
  facts: { subject, params, case: '1405/1842', operator: 'operator-7' },
  claims: (claims) => ({
    ...claims,
    inq: { ...(isJsonObject(claims['inq']) ? claims['inq'] : {}), service },
  }),
});
