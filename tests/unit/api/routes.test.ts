import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as eraseFacts from '#functions/erase-facts/handler.ts';
import * as exportAudit from '#functions/export-audit/handler.ts';
import * as openFacts from '#functions/open-facts/handler.ts';
import * as readAudit from '#functions/read-audit/handler.ts';
import * as readCatalogue from '#functions/read-catalogue/handler.ts';
import * as readDiagnosis from '#functions/read-diagnosis/handler.ts';
import * as readInquiry from '#functions/read-inquiry/handler.ts';
import * as readLog from '#functions/read-log/handler.ts';
import * as readOpenData from '#functions/read-open-data/handler.ts';
import * as readRegistry from '#functions/read-registry/handler.ts';
import * as readSubject from '#functions/read-subject/handler.ts';
import * as readUsage from '#functions/read-usage/handler.ts';
import * as readWellKnown from '#functions/read-well-known/handler.ts';
import * as reconcile from '#functions/reconcile/handler.ts';
import * as runCommand from '#functions/run-command/handler.ts';
import type { AuditReading } from '#functions/runtime/audit-reading.ts';
import type { ErasureDesk } from '#functions/runtime/erasure-desk.ts';
import type { ExportsGround } from '#functions/runtime/export-reading.ts';
import type { FactsReading } from '#functions/runtime/facts-reading.ts';
import { type Handler, serve } from '#functions/runtime/http.ts';
import type { MakeAnswers } from '#functions/runtime/lambda.ts';
import type { Observer } from '#functions/runtime/observe.ts';
import type { OpenDataReading } from '#functions/runtime/open-data.ts';
import type { RegistryReading } from '#functions/runtime/registry.ts';
import type { SubjectReading } from '#functions/runtime/subject-reading.ts';
import * as submitInquiry from '#functions/submit-inquiry/handler.ts';
import * as takeStatement from '#functions/take-statement/handler.ts';
import type { LogReading } from '#shared/api/read-log-file.ts';
import { type FunctionName, type Route, type RouteName, routes } from '#shared/api/routes.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { memoryStatementStore } from '#shared/inquiry/memory-statement-store.ts';
import type { StatementParts } from '#shared/inquiry/take-statement.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { roles } from '#shared/kernel/participant-id.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { memoryDisputeStore } from '#shared/oversight/subject/memory-dispute-store.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { CommandParts } from '#shared/registry/run-command.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import { addKeyCommand, buildCommand, registrarOf } from '#tests/support/commands.ts';
import { delegationOf } from '#tests/support/delegation.ts';
import { type TestDesk, testDesk } from '#tests/support/erasure-desk.ts';
import {
  makeExchange,
  payloadOf,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import {
  exportsGroundOf,
  standingExport,
  type TestExports,
  testExports,
} from '#tests/support/export-reading.ts';
import { factsReadingOf, openDataOf } from '#tests/support/facts-reading.ts';
import { type FedLog, fedLog } from '#tests/support/fed-log.ts';
import {
  buildAccess,
  buildRequest,
  inquiryIdAt,
  makeKey,
  type TestKey,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { buildPersonToken } from '#tests/support/person-tokens.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { buildStatement, dayBefore, stated } from '#tests/support/statements.ts';
import { providerKey, subjectReadingOf } from '#tests/support/subject-reading.ts';
import { type Asked, eventFor, pathOf } from '../runtime/events.ts';

/** All that any of the functions stands on. */
type Ground = Exchange &
  CommandParts &
  StatementParts &
  RegistryReading &
  AuditReading &
  SubjectReading &
  ExportsGround &
  FactsReading &
  OpenDataReading &
  ErasureDesk &
  Pick<LogReading, 'noteAccess'>;

const handlers: Readonly<
  Record<FunctionName, { readonly answers: MakeAnswers<Ground>; readonly handler: Handler }>
> = {
  'submit-inquiry': submitInquiry,
  'run-command': runCommand,
  'take-statement': takeStatement,
  'read-registry': readRegistry,
  'read-inquiry': readInquiry,
  'read-diagnosis': readDiagnosis,
  'read-catalogue': readCatalogue,
  'read-audit': readAudit,
  'export-audit': exportAudit,
  'open-facts': openFacts,
  'erase-facts': eraseFacts,
  reconcile,
  'read-open-data': readOpenData,
  'read-usage': readUsage,
  'read-subject': readSubject,
  'read-log': readLog,
  'read-well-known': readWellKnown,
};

const origin = 'https://exchange.example';
const nobody: Observer = { outcome: () => {}, bug: () => {} };

/** One key of every role, the counter's being the one that asked the inquiry. */
const keyOfRole = async (): Promise<Readonly<Record<string, TestKey>>> => {
  const { counter, agency } = await testKeys();
  const others = roles
    .slice(2)
    .map(async (role): Promise<[string, TestKey]> => [role, await makeKey('ES256', `${role}:one`)]);
  return { counter, agency, ...Object.fromEntries(await Promise.all(others)) };
};

type Stage = TestExchange & {
  readonly keyOf: (role: string) => TestKey;
  readonly fed: FedLog;
  readonly exports: TestExports;
  readonly openData: OpenDataReading;
  readonly desk: TestDesk;
  /** What is sent to each route by somebody who knows what to ask. */
  readonly good: Readonly<Record<RouteName, Asked>>;
};

/** Those who ask for a counter; what such a one asked may be read by both. */
const delegates: readonly string[] = ['guild', 'vendor'];

const forCounter = withInquiry({ for: 'counter:72110345' });

/** Those who read what is about others, and so must take part. */
const supervisors = ['auditor:one', 'operator:one'].map((id) => agencyOf(id));

/** What lets those of a role ask. */
const lettingAsk = (role: string): readonly RegistryEntry[] => [
  agencyOf(`${role}:one`),
  delegationOf({ delegate: `${role}:one` }),
];

/** `asker`: the role of whoever asked the inquiry that stands. */
const setStage = async (asker = 'counter'): Promise<Stage> => {
  const keys = await keyOfRole();
  const added = Object.values(keys).map((key) => keyEntryOf(key, { notAfter: testNow * 2 }));
  const known = sampleEntries(await testKeys()).filter((entry) => entry.kind !== 'key');
  const stage = await makeExchange({
    registry: [
      ...known,
      ...added,
      registrarOf('registrar:one'),
      ...supervisors,
      ...delegates.flatMap(lettingAsk),
    ],
  });
  const by = delegates.includes(asker) ? keys[asker] : undefined;
  const text = await stage.request(by === undefined ? {} : { key: by, claims: forCounter });
  await stage.submit(text);
  await stage.log.sequence();
  await stage.log.witness();
  const fed = fedLog(stage);
  await fed.feed();
  const { inq } = z.object({ inq: z.object({ id: z.string() }) }).parse(payloadOf(text));
  const keyOf = (role: string): TestKey => keys[role] ?? stage.keys.counter;
  const exports = testExports(stage);
  const underWay = { by: keyOf(asker).owner, step: 'lines' } as const;
  const begun = await standingExport(exports, stage, underWay);
  const done = await standingExport(exports, stage, { by: 'auditor:other' });
  const desk = await testDesk(stage, 'registrar:one');
  const good = {
    submitInquiry: { headers: { 'content-type': 'application/sd-jwt' } },
    runCommand: { headers: { 'content-type': 'application/jwt' } },
    stateDay: { headers: { 'content-type': 'application/jwt' } },
    listParticipants: {},
    readParticipant: { path: { id: 'counter:72110345' } },
    listGrants: {},
    readInquiry: { path: { id: inq.id } },
    readInquiryProof: { path: { id: inq.id } },
    readDiagnosis: { path: { id: inq.id } },
    diagnoseMessage: { headers: { 'content-type': 'application/sd-jwt' }, body: text },
    readCheckpoint: { path: { shard: '0' } },
    readTile: { path: { shard: '0', tile: '0/000.p/2' } },
    readEntries: { path: { shard: '0', bundle: '000.p/2' } },
    readPolicy: {},
    listServices: {},
    readService: { path: { agency: 'civil-registry', name: 'identity' } },
    readKey: { path: { kid: stage.keys.agency.kid } },
    readUsage: { query: 'service=civil-registry%2Fidentity%401' },
    listAuditEntries: { query: 'from=2027-01-15T07:30:00Z&to=2027-01-15T08:30:00Z' },
    summariseEntries: { query: 'by=counter&from=2027-01-15T07:30:00Z&to=2027-01-15T08:30:00Z' },
    listQuestions: {},
    askQuestion: {
      path: { name: 'latency' },
      query: 'from=2027-01-15T07:30:00Z&to=2027-01-15T08:30:00Z',
    },
    askForExport: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: inquiryIdAt(stage.clock.now()), filter: {} }),
    },
    readExport: { path: { id: begun.id } },
    readExportPart: {
      path: { id: done.id, part: '0' },
      query: done.link.search.slice(1),
    },
    searchSubject: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        subject: { type: 'ir-national-id', value: '0499370899' },
        order: 'court-12/05-778',
      }),
    },
    openDisclosure: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inquiry: inq.id, fact: 'case', reason: 'A complaint.' }),
    },
    orderErasure: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id: inquiryIdAt(stage.clock.now()),
        subject: { type: 'ir-national-id', value: '0790419904' },
        order: 'court-12/05-778',
      }),
    },
    readErasure: { path: { id: desk.erasure } },
    placeHold: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id: inquiryIdAt(stage.clock.now()),
        order: 'court-12/05-779',
        reason: 'A case is open.',
        what: { kind: 'inquiry', id: inq.id },
      }),
    },
    listHolds: {},
    releaseHold: {
      headers: { 'content-type': 'application/json' },
      path: { id: desk.hold },
      body: JSON.stringify({ order: 'court-12/05-900', reason: 'The case is closed.' }),
    },
    reconcile: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ day: '2027-01-15', records: [{ id: inq.id }] }),
    },
    listOpenData: {},
    readOpenData: { path: { day: '2026-11-22' } },
    listDisputes: { query: 'from=2027-01-15T00:00:00Z&to=2027-01-16T00:00:00Z' },
    readOwnAccesses: {},
    disputeAccess: {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inquiry: inq.id, ground: 'not-asked' }),
    },
    readKeys: {},
    readRequirements: {},
    readHealth: {},
  } as const satisfies Record<RouteName, Asked>;
  return { ...stage, keyOf, fed, exports, openData: await openDataOf('2026-11-22'), desk, good };
};

/** What a route takes as its body, signed by a key. */
const bodyOf = async (name: RouteName, key: TestKey, now: number): Promise<string> => {
  if (name === 'stateDay') {
    return buildStatement(stated(dayBefore(now), key.owner), { key, now });
  }
  if (name !== 'runCommand') {
    const [role = ''] = key.owner.split(':');
    return buildRequest({ key, now, ...(delegates.includes(role) && { claims: forCounter }) });
  }
  const added = await makeKey('ES256', key.owner);
  return buildCommand(await addKeyCommand(added, { key, now }), { key, now });
};

/** What a participant must add to what it asks, to prove who it is. */
const proofOf = async (
  { name, method, path, proof }: Route & { readonly name: RouteName },
  { good, clock }: Stage,
  key: TestKey,
): Promise<Asked> => {
  const asked: Asked = good[name];
  if (proof === 'none' || proof === 'link') return asked;
  if (proof === 'signed-body') {
    return { ...asked, body: await bodyOf(name, key, clock.now()) };
  }
  const query: string = asked.query === undefined ? '' : `?${asked.query}`;
  const htu = `${origin}${pathOf({ path }, asked.path)}${query}`;
  const named =
    asked.body === undefined ? {} : { claims: withMembers({ body_s256: sha256Url(asked.body) }) };
  const said = { key, now: clock.now(), audience: origin, htm: method, htu };
  const token = await buildAccess({ ...said, ...named });
  return { ...asked, headers: { ...asked.headers, authorization: `Bearer ${token}` } };
};

/** The same by the person whom the inquiry that stands is about. */
const askedByPerson = (
  { name }: { readonly name: RouteName },
  { good, clock }: Pick<Stage, 'good' | 'clock'>,
): Asked => {
  const asked: Asked = good[name];
  const token = buildPersonToken({ key: providerKey, now: clock.now() });
  return { ...asked, headers: { ...asked.headers, authorization: `Bearer ${token}` } };
};

const groundOf = (exchange: Exchange, stage: Stage): Ground => {
  const { registry } = stage;
  const { layout } = exchange.settings;
  const statements = memoryStatementStore().store;
  return {
    ...exchange,
    ...subjectReadingOf(stage, stage.fed, memoryDisputeStore(), exchange),
    ...auditReadingOf(stage, stage.fed, exchange),
    ...factsReadingOf(stage, stage.fed, exchange),
    ...exportsGroundOf(stage, stage.fed, stage.exports, exchange),
    ...stage.openData,
    ...stage.desk.jobs,
    log: exchange.log,
    meters: stage.meters.store,
    settings: exchange.settings,
    directory: exchange.directory,
    journal: exchange.journal,
    noteAccess: noteAccess(exchange),
    origin,
    layout,
    statements,
    store: registry.store,
  };
};

const ask = (
  exchange: Ground,
  { name, function: folder }: (typeof routes)[number],
  asked: Asked,
) => {
  const answers = handlers[folder].answers(() => Promise.resolve(exchange));
  return serve(() => ({ answers, observe: nobody }))(eventFor(name, asked));
};

/** The keys of the exchange itself do not come from the registry, nor does what all may read of the log. */
const withoutRegistry: ReadonlySet<RouteName> = new Set([
  'readKeys',
  'readCheckpoint',
  'readTile',
  'readPolicy',
  'readExportPart',
  'listOpenData',
  'readOpenData',
]);

const registryReads = [
  'findKey',
  'findParticipant',
  'findService',
  'listServices',
  'list',
  'readAll',
  'asOf',
  'version',
] as const;

const mayCall = (route: Route, role: string): boolean => {
  const admitted: readonly string[] = route.roles;
  return admitted.includes(role);
};

/** Folders of functions/ that serve none of these addresses. A witness runs in another account. */
const offTheTable = new Set(['runtime', 'witness']);

describe('the table of routes', () => {
  it('names every route once, and every address once', () => {
    const names = routes.map(({ name }) => name);
    // Two templates that differ in the names of their parameters only are the same address.
    const addresses = routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{\w+(\+?)\}/g, '{$1}')}`,
    );
    expect(new Set(names).size).toBe(routes.length);
    expect(new Set(addresses).size).toBe(routes.length);
  });

  it('names folders of functions/, each of which holds a handler', () => {
    const folders = readdirSync(new URL('../../../functions/', import.meta.url), {
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory() && !offTheTable.has(entry.name))
      .map(({ name }) => name);
    const named = new Set<string>(routes.map((route) => route.function));
    expect([...named].filter((name) => !folders.includes(name))).toEqual([]);
    expect(Object.keys(handlers).toSorted()).toEqual([...named].toSorted());
  });

  it.each(Object.entries(handlers))('has a handler and the answers in %s', (folder, module) => {
    const answered = Object.keys(module.answers(() => Promise.reject(new Error('not needed'))));
    const named = routes.filter((route) => route.function === folder).map(({ name }) => name);
    expect(answered.toSorted()).toEqual(named.toSorted());
    expect(module.handler).toBeTypeOf('function');
  });

  it.each(routes)('says of $name what it takes, in keeping with its method and proof', (route) => {
    const takesBody = route.method === 'POST';
    expect(route.consumes.length > 0).toBe(takesBody);
    const isOpen = route.proof === 'none' || route.proof === 'link';
    expect(route.proof !== 'signed-body' || takesBody).toBe(true);
    expect(isOpen && takesBody).toBe(route.name === 'diagnoseMessage');
    expect(route.produces.length).toBeGreaterThan(0);
    expect(route.path).toMatch(/^(?:\/(?:[a-z0-9.-]+|\{[a-z]+\}))+(?:\/\{[a-z]+\+\})?$/);
    expect(route.summary).toMatch(/^.+\.$/);
    const everybody = roles.filter((role) => role !== 'exchange');
    expect(isOpen).toBe(everybody.every((role) => mayCall(route, role)));
  });
});

describe.each(routes.filter(({ proof }) => proof === 'oidc'))(
  '$method $path, asked by a person',
  (route) => {
    it('is answered, and not kept by anybody between', async () => {
      const stage = await setStage();
      const asked = askedByPerson(route, stage);
      const { statusCode, headers } = await ask(groundOf(stage.exchange, stage), route, asked);
      expect(statusCode).toBe(route.name === 'disputeAccess' ? 201 : 200);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
    });

    it('is not there where no provider is connected', async () => {
      const stage = await setStage();
      const ground = { ...groundOf(stage.exchange, stage), persons: undefined };
      const { statusCode, body } = await ask(ground, route, askedByPerson(route, stage));
      expect(statusCode).toBe(404);
      expect(body).toContain('/problems/not-found');
    });
  },
);

/** What is answered to those who made something. */
const created: ReadonlyMap<RouteName, number> = new Map([
  ['runCommand', 201],
  ['stateDay', 201],
  ['askForExport', 202],
  ['orderErasure', 202],
  ['placeHold', 201],
]);

describe.each(routes)('$method $path', (route) => {
  it.each(roles)('asked by a role of %s', async (role) => {
    const stage = await setStage(role);
    const asked = await proofOf(route, stage, stage.keyOf(role));
    const { statusCode, headers, body } = await ask(groundOf(stage.exchange, stage), route, asked);
    const admitted = ['none', 'link'].includes(route.proof) || mayCall(route, role);
    const [type] = route.produces;
    const good = created.get(route.name) ?? 200;
    const refused = route.proof === 'oidc' ? 401 : 403;
    const expected = admitted ? [good, type] : [refused, 'application/problem+json'];
    const told = String(headers?.['content-type']).replace('; charset=utf-8', '');
    expect([statusCode, told]).toEqual(expected);
    expect(body?.includes('/problems/wrong-role')).toBe(!admitted && refused === 403);
  });

  it('asked by nobody', async () => {
    const stage = await setStage();
    const { statusCode, headers } = await ask(
      groundOf(stage.exchange, stage),
      route,
      stage.good[route.name],
    );
    const expected = {
      none: 200,
      link: 200,
      'access-token': 401,
      oidc: 401,
      'signed-body': 400,
    } as const;
    expect(statusCode).toBe(expected[route.proof]);
    const hasToken = route.proof === 'access-token' || route.proof === 'oidc';
    expect(headers?.['www-authenticate']).toBe(hasToken ? 'Bearer' : undefined);
  });

  it('asked when the registry cannot be read', async () => {
    const stage = await setStage();
    const asked =
      route.proof === 'oidc'
        ? askedByPerson(route, stage)
        : await proofOf(route, stage, stage.keyOf(route.roles[0]));
    for (const method of registryReads) {
      stage.registry.faults.breakCall(method, 'not-persisted');
    }
    const { exchange } = stage.restart();
    const { statusCode } = await ask(groundOf(exchange, stage), route, asked);
    expect(statusCode).toBe(withoutRegistry.has(route.name) ? 200 : 503);
  });
});
