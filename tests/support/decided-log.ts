/** A registry that real commands made, inquiries that it decided, and the log of both. */
import * as z from 'zod';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import {
  counterOf as counterFor,
  delegateOf,
  type ParticipantId,
  RequestClaims,
  RequestFacts,
  type ServiceRef,
} from '#shared/message/claims.ts';
import { kinds } from '#shared/message/kind.ts';
import { decide, type Snapshot } from '#shared/registry/decide.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import {
  type MemoryRegistryStore,
  memoryRegistryStore,
} from '#shared/registry/memory-registry-store.ts';
import { type CommandParts, type CommandResult, runCommand } from '#shared/registry/run-command.ts';
import type { Service } from '#shared/registry/service.ts';
import { buildCommand, commandAudience, commandIdAt, leavesIn, type Said } from './commands.ts';
import { countedRandom, type TestClock, testClock, testSettings } from './exchange.ts';
import { configLeaf, keyLeaf, type MadeInquiry, makeInquiry, withoutAnswer } from './log-leaves.ts';
import {
  buildMessage,
  buildRequest,
  makeKey,
  newJti,
  type TestKey,
  testNow,
  withInquiry,
  withMembers,
} from './messages.ts';
import { counterOf, identityService, lifeService } from './registry.ts';

export const counterId = 'counter:72110345';
export const otherCounterId = 'counter:72110346';
export const agencyId = 'agency:civil-registry';
export const guildId = 'guild:counters';

const makeKeys = async () => ({
  registrar: await makeKey('ES256', 'registrar:cra'),
  officer: await makeKey('Ed25519', agencyId),
  agency: await makeKey('ES256', agencyId),
  counter: await makeKey('ES256', counterId),
  other: await makeKey('Ed25519', otherCounterId),
  guild: await makeKey('Ed25519', guildId),
  exchange: await makeKey('ES256', 'exchange:estelam'),
});

const sharedKeys = makeKeys();

type Keys = Awaited<ReturnType<typeof makeKeys>>;

/** What is asked, bent as the inquiry of messages.ts can be. */
export type Question = {
  readonly key: TestKey;
  readonly inq?: JsonObject;
  readonly params?: JsonObject;
  readonly subject?: JsonObject;
};

export type AskedInquiry = MadeInquiry & { readonly token: string; readonly snapshot: Snapshot };

export type DecidedLog = {
  readonly keys: Keys;
  readonly clock: TestClock;
  readonly registry: MemoryRegistryStore;
  readonly journal: MemoryJournalStore;
  /** Signs a command and runs it; the next one is made a second later. */
  readonly send: (said: Said, key?: TestKey) => Promise<CommandResult>;
  /** Decides an inquiry as submit.ts does, by what the registry says now, and puts it into the log. */
  readonly ask: (question?: Partial<Question>) => Promise<AskedInquiry>;
  /** What the exchange would read now. */
  readonly snapshot: (
    counter: ParticipantId,
    ref: ServiceRef,
    delegate?: ParticipantId,
  ) => Promise<Snapshot>;
  /** Every leaf in the order of its time, the settings first. */
  readonly leaves: () => readonly Uint8Array[];
};

const title = { fa: 'نمونه', en: 'Sample' };

/** The content of `service.publish`. */
export const published = (service: Service): JsonObject => {
  const plain = z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(service)));
  const own = { kind: undefined, agency: undefined, status: undefined, version: undefined };
  return withMembers(own)(plain);
};

const year = 365 * 86_400_000;

/** A licence that holds from a year before {@link testNow} to a year after it. */
const licence = (): JsonObject => {
  return withMembers({ status: undefined })(counterOf(counterId).licence ?? {});
};

/** Nothing but what makes commands and inquiries possible: change 1 is the beginning. */
export const beginDecided = async (): Promise<DecidedLog> => {
  const keys = await sharedKeys;
  const clock = testClock(testNow - 40_000);
  const journal = memoryJournalStore();
  const registry = memoryRegistryStore();
  const parts: CommandParts = {
    store: registry.store,
    journal: journal.store,
    layout: testSettings.layout,
    origin: testSettings.origin,
    now: clock.now,
    random: countedRandom(),
    root: { id: keys.registrar.owner, jwk: keys.registrar.jwk },
  };
  const asked: { readonly t: number; readonly data: Uint8Array }[] = [];
  const send: DecidedLog['send'] = async (said, key = keys.registrar) => {
    const result = await runCommand(parts)(await buildCommand(said, { key, now: clock.now() }));
    clock.advance(100);
    return result;
  };
  const snapshot: DecidedLog['snapshot'] = (...of) =>
    cachedDirectory(registry.store, clock.now).snapshot(...of);

  const ask: DecidedLog['ask'] = async ({
    key = keys.counter,
    inq = {},
    params = { birthDate: '1985-03-21' },
    subject = { type: 'ir-national-id', value: '0499370899' },
  } = {}) => {
    const t = clock.now();
    const facts = { subject, params, case: '1405/1842', operator: 'operator-7' };
    const id = commandIdAt(t);
    const bent = (claims: JsonObject) => withInquiry({ ...inq, id })(claims);
    const token = await buildRequest({ key, now: t, facts, claims: bent });
    const json: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    const claims = RequestClaims.parse(json);
    const found = await snapshot(counterFor(claims), claims.inq.service, delegateOf(claims));
    const ruling = decide(found, { claims, facts: RequestFacts.parse(facts) }, t);
    const { effect, rule, registry: version } = ruling;
    const made = await makeInquiry({
      counter: key,
      agency: keys.agency,
      t,
      id,
      request: { jws: () => token.split('~')[0] ?? '' },
      intent: (intent) => ({ ...intent, dec: { effect, rule, registry: version } }),
      outcome: (outcome) => (effect === 'allow' ? outcome : withoutAnswer('DENIED')(outcome)),
    });
    asked.push({ t, data: made.data });
    clock.advance(100);
    return { ...made, token, snapshot: found };
  };

  await send({
    do: 'registry.begin',
    on: 0,
    with: { id: keys.registrar.owner, title, jwk: { ...keys.registrar.jwk }, label: 'registry' },
  });
  return {
    keys,
    clock,
    registry,
    journal,
    send,
    ask,
    snapshot,
    leaves: () => {
      const changes = leavesIn(journal).map((event) => ({
        t: event.t,
        data: recordLeafData(canonicalJson({ ...event })),
      }));
      const all = [...changes, ...asked].toSorted((a, b) => a.t - b.t);
      const first = testNow - 60_000;
      return [configLeaf(), keyLeaf(keys.exchange, first), ...all.map(({ data }) => data)];
    },
  };
};

const keyAdded = async (
  { clock }: DecidedLog,
  added: TestKey,
  role: 'station' | 'server' | 'officer',
): Promise<Said> => {
  const id = InquiryId.parse(commandIdAt(clock.now()));
  const iat = Math.floor(clock.now() / 1000);
  const proof = await buildMessage({
    key: added,
    kind: kinds.keyProof,
    base: {
      iss: added.owner,
      aud: commandAudience,
      iat,
      exp: iat + 60,
      jti: newJti(),
      cmd_id: id,
    },
  });
  const span = { notBefore: clock.now(), notAfter: clock.now() + year };
  const about = { owner: added.owner, jwk: { ...added.jwk }, label: `a ${role}`, role };
  return { id, do: 'key.add', on: 0, with: { ...about, ...span, proof } };
};

/** Two licensed counters, a guild, an agency with two services: everything by commands. */
export const makeDecided = async (): Promise<DecidedLog> => {
  const made = await beginDecided();
  const { send, keys } = made;
  for (const id of [agencyId, counterId, otherCounterId, guildId]) {
    await send({ do: 'participant.register', on: 0, with: { id, title } });
  }
  await send(await keyAdded(made, keys.officer, 'officer'));
  await send(await keyAdded(made, keys.agency, 'server'));
  await send(await keyAdded(made, keys.counter, 'officer'));
  await send(await keyAdded(made, keys.other, 'officer'));
  await send(await keyAdded(made, keys.guild, 'server'));
  const numbered = (number: string) => ({ ...licence(), number });
  await send({ do: 'licence.issue', on: 2, with: { id: counterId, licence: numbered('72-1') } });
  await send({
    do: 'licence.issue',
    on: 2,
    with: { id: otherCounterId, licence: numbered('72-2') },
  });
  for (const service of [identityService, lifeService]) {
    await send({ do: 'service.publish', on: 0, with: published(service) }, keys.officer);
  }
  return made;
};
