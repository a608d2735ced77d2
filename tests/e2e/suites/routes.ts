import { beforeAll, describe, expect, it } from 'vitest';
import { type RouteName, routes } from '#shared/api/routes.ts';
import type { ProblemName } from '#shared/kernel/problem.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { kinds } from '#shared/message/kind.ts';
import {
  type AccessParts,
  buildMessage,
  inquiryIdAt,
  rawSign,
  withMembers,
  withTimes,
} from '#tests/support/messages.ts';
import { dayBefore, stated } from '#tests/support/statements.ts';
import { deployedUrl } from '#tests/support/world/deployed.ts';
import { accessFor, postAs, readAs } from '../access.ts';
import { type Asking, idOf, requestFor, till } from '../ask.ts';
import { accesses, disputes } from '../citizens.ts';
import { newKeyCommand, postCommand, registrar } from '../commands.ts';
import { askedFor, letAsk } from '../delegations.ts';
import { postDiagnose } from '../diagnoses.ts';
import { expectRefused, nameOf } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import { sendStatement } from '../statements.ts';
import type { Heard } from '../wire.ts';

/** Somebody of each role, and nobody. */
const callers = [
  { role: 'counter', participant: till },
  { role: 'agency', participant: 'agency:civil-registry' },
  { role: 'auditor', participant: 'auditor:inspection' },
  { role: 'registrar', participant: 'registrar:cra' },
  { role: 'guild', participant: 'guild:pishkhan' },
  { role: 'vendor', participant: 'vendor:rayan' },
  { role: 'nobody', participant: undefined },
] as const;

type Caller = (typeof callers)[number];

/** Routes that are asked with something of their own each time. */
type Sent =
  | 'submitInquiry'
  | 'runCommand'
  | 'stateDay'
  | 'diagnoseMessage'
  | 'searchSubject'
  | 'openDisclosure'
  | 'reconcile'
  | 'askForExport'
  | 'orderErasure'
  | 'readErasure'
  | 'placeHold'
  | 'releaseHold'
  | 'disputeAccess';

const isSent = (name: RouteName): name is Sent =>
  [
    'submitInquiry',
    'runCommand',
    'stateDay',
    'diagnoseMessage',
    'searchSubject',
    'openDisclosure',
    'reconcile',
    'askForExport',
    'orderErasure',
    'readErasure',
    'placeHold',
    'releaseHold',
    'disputeAccess',
  ].includes(name);

/** What each address is asked with; the counter's own inquiry is asked when the suite begins. */
type Targets = Readonly<Record<Exclude<RouteName, Sent>, string>>;

const targetsFor = async (stage: Stage): Promise<Targets> => {
  const text = await requestFor(stage);
  expect((await stage.wire.post(text)).status).toBe(200);
  const to = new Date(Date.now() + 20_000).toISOString();
  const from = new Date(Date.now() - 60_000).toISOString();
  return {
    readInquiry: `/v1/inquiries/${idOf(text)}`,
    readInquiryProof: `/v1/inquiries/${idOf(text)}/proof`,
    readDiagnosis: `/v1/diagnoses/${idOf(text)}`,
    // The first entry of every log says how it is set up.
    readCheckpoint: '/log/0/checkpoint',
    readTile: '/log/0/tile/0/000.p/1',
    readEntries: '/log/0/tile/entries/000.p/1',
    readPolicy: '/.well-known/tlog-policy',
    listServices: '/v1/services',
    readService: '/v1/services/police/vehicle',
    readKey: `/v1/keys/${stage.world.keyOf(till).kid}`,
    listParticipants: '/v1/participants',
    readParticipant: `/v1/participants/${encodeURIComponent(till)}`,
    listGrants: '/v1/grants',
    readUsage: '/v1/usage?service=civil-registry%2Fidentity%401',
    readExport: `/v1/audit/exports/${inquiryIdAt(Date.now())}`,
    readExportPart: `/v1/audit/exports/${inquiryIdAt(Date.now())}/parts/0?expires=1&sig=A`,
    listHolds: '/v1/holds',
    listOpenData: '/v1/open-data',
    // A day is published two days after its end.
    readOpenData: `/v1/open-data/${dayBefore(Date.now())}`,
    listAuditEntries: `/v1/audit/entries?${new URLSearchParams({ from, to, limit: '1' }).toString()}`,
    summariseEntries: `/v1/audit/summary?${new URLSearchParams({ by: 'outcome', from, to }).toString()}`,
    listDisputes: `/v1/audit/disputes?${new URLSearchParams({ from, to }).toString()}`,
    readOwnAccesses: accesses,
    listQuestions: '/v1/audit/questions',
    askQuestion: `/v1/audit/questions/latency?${new URLSearchParams({ from, to }).toString()}`,
    readKeys: '/.well-known/jwks.json',
    readRequirements: '/.well-known/estelam',
    readHealth: '/healthz',
  };
};

/** Those who ask for a counter, as it lets them. */
const askingFor = (stage: Stage, { role, participant }: Caller): Asking =>
  role === 'guild' || role === 'vendor' ? askedFor(stage, participant) : {};

/** An inquiry that was asked just now, by the counter or by a caller for it. */
const freshInquiry = async (stage: Stage, caller: Caller): Promise<string> => {
  const text = await requestFor(stage, askingFor(stage, caller));
  expect((await stage.wire.post(text)).status).toBe(200);
  return `/v1/inquiries/${idOf(text)}`;
};

/** Posts a question as JSON, by a participant or by nobody. */
const postQuestion = (
  stage: Stage,
  participant: string | undefined,
  target: string,
  question: JsonObject,
): Promise<Heard> => {
  if (participant !== undefined) return postAs(stage, participant, target, question);
  const headers = { 'content-type': 'application/json' };
  return stage.wire.send('POST', target, { headers, body: JSON.stringify(question) });
};

/** An export of what the caller may see of an hour that was long before. */
const askForExport = async (stage: Stage, participant: string | undefined): Promise<Heard> => {
  const target = '/v1/audit/exports';
  const filter = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };
  const question = { id: inquiryIdAt(Date.now()), filter };
  return postQuestion(stage, participant, target, question);
};

/** Looks for somebody whom nobody asks about. */
const searchSubject = (stage: Stage, participant: string | undefined): Promise<Heard> =>
  postQuestion(stage, participant, '/v1/audit/subject-search', {
    subject: { type: 'ir-national-id', value: '7400076205' },
    order: 'court-12/05-777',
  });

/** Opens a fact of the inquiry that stands. */
const openDisclosure = (
  stage: Stage,
  participant: string | undefined,
  { readInquiry }: Targets,
): Promise<Heard> =>
  postQuestion(stage, participant, '/v1/audit/disclosures', {
    inquiry: readInquiry.slice(readInquiry.lastIndexOf('/') + 1),
    fact: 'case',
    reason: 'Somebody complained.',
  });

/** Orders the erasure of somebody whom nobody asks about. */
const orderErasure = (stage: Stage, participant: string | undefined): Promise<Heard> =>
  postQuestion(stage, participant, '/v1/erasures', {
    id: inquiryIdAt(Date.now()),
    subject: { type: 'ir-national-id', value: '7340416501' },
    order: 'court-12/05-778',
  });

/** Holds an inquiry that nobody asked. */
const placeHold = (stage: Stage, participant: string | undefined): Promise<Heard> =>
  postQuestion(stage, participant, '/v1/holds', {
    id: inquiryIdAt(Date.now()),
    order: 'court-12/05-779',
    reason: 'A case is open.',
    what: { kind: 'inquiry', id: inquiryIdAt(Date.now()) },
  });

const call = async (
  stage: Stage,
  name: RouteName,
  caller: Caller,
  targets: Targets,
): Promise<Heard> => {
  const { world, wire } = stage;
  const { participant } = caller;
  if (name === 'submitInquiry') {
    const key = participant === undefined ? world.badKeys.unregistered : world.keyOf(participant);
    return wire.post(await requestFor(stage, { key, ...askingFor(stage, caller) }));
  }
  if (name === 'runCommand') {
    const key = participant === undefined ? world.badKeys.unregistered : world.keyOf(participant);
    return postCommand(stage, await newKeyCommand(stage, key));
  }
  if (name === 'stateDay') {
    const key = participant === undefined ? world.badKeys.unregistered : world.keyOf(participant);
    return sendStatement(stage, key, stated(dayBefore(Date.now()), key.owner));
  }
  if (name === 'diagnoseMessage') return postDiagnose(stage, await requestFor(stage));
  if (name === 'searchSubject') return searchSubject(stage, participant);
  if (name === 'openDisclosure') return openDisclosure(stage, participant, targets);
  if (name === 'reconcile') {
    const question = { day: dayBefore(Date.now()), records: [] };
    return postQuestion(stage, participant, '/v1/reconciliations', question);
  }
  if (name === 'askForExport') return askForExport(stage, participant);
  if (name === 'orderErasure') return orderErasure(stage, participant);
  if (name === 'readErasure') {
    const ordered = await orderErasure(stage, registrar);
    const target = `/v1/erasures/${ordered.said('id')}`;
    return participant === undefined
      ? wire.send('GET', target)
      : readAs(stage, participant, target);
  }
  if (name === 'placeHold') return placeHold(stage, participant);
  if (name === 'disputeAccess') {
    const dispute = { inquiry: inquiryIdAt(Date.now()), ground: 'not-asked' };
    return postQuestion(stage, participant, disputes, dispute);
  }
  if (name === 'releaseHold') {
    const placed = await placeHold(stage, registrar);
    const why = { order: 'court-12/05-900', reason: 'The case is closed.' };
    return postQuestion(stage, participant, `/v1/holds/${placed.said('id')}/release`, why);
  }
  if (name === 'readExport' && participant !== undefined) {
    const { said, status } = await askForExport(stage, participant);
    const id = status === 202 ? said('id') : inquiryIdAt(Date.now());
    return readAs(stage, participant, `/v1/audit/exports/${id}`);
  }
  if (name === 'readDiagnosis') {
    const asked = await freshInquiry(stage, caller);
    const diagnosis = asked.replace('/inquiries/', '/diagnoses/');
    return participant === undefined
      ? wire.send('GET', diagnosis)
      : readAs(stage, participant, diagnosis);
  }
  const fresh = {
    readInquiry: '',
    // The log cannot hold it yet.
    readInquiryProof: '/proof',
  } as const;
  const target =
    name === 'readInquiry' || name === 'readInquiryProof'
      ? `${await freshInquiry(stage, caller)}${fresh[name]}`
      : targets[name];
  return participant === undefined ? wire.send('GET', target) : readAs(stage, participant, target);
};

/** What no participant's token is to a route for persons; none is connected where it is deployed. */
const notPerson = ({ role }: Caller): { readonly status: number; readonly name: string } => {
  if (deployedUrl() !== undefined) return { status: 404, name: 'not-found' };
  if (role === 'nobody') return { status: 401, name: 'unauthenticated' };
  // The vendor signs with Ed25519, by the name that RFC 9864 has for it.
  return { status: 401, name: role === 'vendor' ? 'algorithm-not-allowed' : 'wrong-typ' };
};

/** What the table of routes says of a caller. */
const verdict = (
  { name, proof, roles }: (typeof routes)[number],
  caller: Caller,
): { readonly status: number; readonly name: string } => {
  const { role } = caller;
  if (name === 'readOpenData') return { status: 404, name: 'not-found' };
  if (proof === 'oidc') return notPerson(caller);
  if (proof === 'none') return { status: 200, name: 'HTTP 200' };
  if (proof === 'link') return { status: 403, name: 'link-invalid' };
  if (role === 'nobody') {
    return proof === 'signed-body'
      ? { status: 400, name: 'unknown-key' }
      : { status: 401, name: 'unauthenticated' };
  }
  if (!roles.some((one) => one === role)) return { status: 403, name: 'wrong-role' };
  if (name === 'runCommand' || name === 'stateDay') return { status: 201, name: 'HTTP 201' };
  if (name === 'askForExport' || name === 'orderErasure') return { status: 202, name: 'HTTP 202' };
  if (name === 'placeHold') return { status: 201, name: 'HTTP 201' };
  return name === 'readInquiryProof'
    ? { status: 404, name: 'proof-pending' }
    : { status: 200, name: 'HTTP 200' };
};

type Misuse = {
  readonly name: string;
  readonly problem: ProblemName;
  readonly bend: (stage: Stage, target: string) => Partial<AccessParts>;
};

const seconds = (): number => Math.floor(Date.now() / 1000);

const times = (offsets: Readonly<Record<string, number>>): Partial<AccessParts> => ({
  claims: (claims) => withTimes(seconds(), offsets)(claims),
});

const claim = (change: Readonly<Record<string, JsonValue | undefined>>): Partial<AccessParts> => ({
  claims: withMembers(change),
});

const htu = (name: string, change: (url: string) => string): Misuse => ({
  name: `for another URL: ${name}`,
  problem: 'wrong-audience',
  bend: ({ world }, target) => ({ htu: change(world.origin + target) }),
});

const misuses: readonly Misuse[] = [
  htu('another path', (url) => url.replace('/entries', '/entry')),
  htu('no query', (url) => url.split('?', 1)[0] ?? ''),
  htu('another query', (url) => url.replace('limit=1', 'limit=2')),
  htu('one parameter more', (url) => `${url}&counter=counter%3A1`),
  htu('a second query', (url) => `${url}?limit=1`),
  htu('another host', (url) => url.replace(/^https?:\/\/[^/]+/, 'https://attacker.example')),
  htu('with a slash behind the path', (url) => url.replace('?', '/?')),
  {
    name: 'for another method',
    problem: 'wrong-audience',
    bend: () => ({ htm: 'POST' }),
  },
  {
    name: 'for another audience',
    problem: 'wrong-audience',
    bend: ({ world }) => claim({ aud: `${world.origin}/v1/inquiries` }),
  },
  { name: 'that has expired', problem: 'expired', bend: () => times({ iat: -72, exp: -12 }) },
  { name: 'of a later time', problem: 'not-yet-valid', bend: () => times({ iat: 120, exp: 180 }) },
  {
    name: 'that lives 61 seconds',
    problem: 'lifetime-too-long',
    bend: () => times({ iat: 0, exp: 61 }),
  },
  {
    name: 'of somebody else',
    problem: 'issuer-key-mismatch',
    bend: () => claim({ iss: 'auditor:other' }),
  },
  { name: 'without htu', problem: 'invalid-claims', bend: () => claim({ htu: undefined }) },
  { name: 'with a claim more', problem: 'invalid-claims', bend: () => claim({ scope: 'all' }) },
  {
    name: 'with another typ',
    problem: 'wrong-typ',
    bend: () => ({ header: withMembers({ typ: 'inq-request+sd-jwt' }) }),
  },
  {
    name: 'with the typ of any JWT',
    problem: 'wrong-typ',
    bend: () => ({ header: withMembers({ typ: 'JWT' }) }),
  },
  {
    name: 'without a signature',
    problem: 'algorithm-not-allowed',
    bend: () => ({ header: withMembers({ alg: 'none' }), signature: () => new Uint8Array() }),
  },
  {
    name: 'with a forged signature',
    problem: 'signature-invalid',
    bend: ({ world }) => ({ signature: (_, input) => rawSign(world.badKeys.unregistered, input) }),
  },
  {
    name: 'with its own key in the header',
    problem: 'header-not-allowed',
    bend: ({ world }) => ({ header: withMembers({ jwk: { ...world.badKeys.unregistered.jwk } }) }),
  },
  {
    name: 'of a key that nobody registered',
    problem: 'unknown-key',
    bend: ({ world }) => ({ key: { ...world.badKeys.unregistered, owner: 'auditor:inspection' } }),
  },
  {
    name: 'of a revoked key',
    problem: 'key-not-active',
    bend: ({ world }) => ({ key: world.badKeys.revoked }),
  },
  {
    name: 'of a key that has run out',
    problem: 'key-not-active',
    bend: ({ world }) => ({ key: world.badKeys.expired }),
  },
  {
    name: 'of a key whose time has not come',
    problem: 'key-not-active',
    bend: ({ world }) => ({ key: world.badKeys.notYetValid }),
  },
];

export const routesSuite = (onStage: OnStage): void => {
  const cases = routes.flatMap((route) =>
    callers.map((caller) => ({ route, caller, ...verdict(route, caller), at: route.name })),
  );
  let targets: Targets | undefined;
  const at = (): Targets => {
    if (targets === undefined) throw new Error('The targets are not made.');
    return targets;
  };

  beforeAll(async () => {
    for (const { role, participant } of callers) {
      if (role === 'guild' || role === 'vendor') await letAsk(onStage(), participant);
    }
    targets = await targetsFor(onStage());
  });

  describe('each route', () => {
    it.each(cases)('$at answers $caller.role with $status', async ({ route, caller, ...told }) => {
      const heard = await call(onStage(), route.name, caller, at());

      expect({ status: heard.status, name: nameOf(heard) }).toEqual({
        status: told.status,
        name: told.name,
      });
      expect(heard.header('x-content-type-options')).toBe('nosniff');
      expect(heard.header('strict-transport-security')).toMatch(/^max-age=/);
      expect(heard.header('x-request-id')).toMatch(/./);
      expect(heard.header('cache-control')).toMatch(
        /^(no-store|public, max-age=(2|60|31536000, immutable)|private, max-age=31536000, immutable)$/,
      );
      expect(heard.header('www-authenticate') !== undefined).toBe(told.status === 401);
    });

    it.each(
      routes
        .filter(({ proof, method }) => proof === 'access-token' && method === 'GET')
        .flatMap(({ name }) => (isSent(name) ? [] : [{ name }])),
    )('$name takes no other way to say who calls', async ({ name }) => {
      const stage = onStage();
      const target = at()[name];
      const token = await accessFor(stage, till, target);
      const ways = [
        { authorization: `Basic ${token}` },
        { authorization: token },
        { authorization: 'Bearer' },
        { cookie: `token=${token}` },
        { 'x-api-key': token },
      ];
      for (const headers of ways) {
        const heard = await stage.wire.send('GET', target, { headers });
        expectRefused(heard, 'unauthenticated');
        expect(heard.header('www-authenticate')).toBe('Bearer');
      }
    });

    it('is the whole of the exchange: nothing answers elsewhere', async () => {
      const { wire } = onStage();
      const elsewhere = [
        ['GET', '/'],
        ['GET', '/v1/inquiries'],
        ['POST', '/v1/services'],
        ['DELETE', `/v1/inquiries/${crypto.randomUUID()}`],
        ['PUT', '/v1/inquiries'],
        ['GET', '/v1/audit/entries/'],
        ['GET', '/.env'],
      ] as const;
      for (const [method, target] of elsewhere) {
        expect((await wire.send(method, target)).status).toBe(404);
      }
    });
  });

  describe('an access token', () => {
    it.each(misuses)('is refused as $problem with 401: one $name', async ({ problem, bend }) => {
      const stage = onStage();
      const target = at().listAuditEntries;

      const heard = await readAs(stage, 'auditor:inspection', target, bend(stage, target));

      expectRefused(heard, problem, { status: 401 });
      expect(heard.header('www-authenticate')).toBe('Bearer error="invalid_token"');
    });

    it('is refused when it is a request, signed for the very same exchange', async () => {
      const stage = onStage();
      const text = (await requestFor(stage)).split('~')[0] ?? '';

      const heard = await stage.wire.send('GET', at().readInquiry, {
        headers: { authorization: `Bearer ${text}` },
      });

      expectRefused(heard, 'wrong-typ', { status: 401 });
    });

    it('cannot ask an agency anything', async () => {
      const stage = onStage();
      const key = stage.world.keyOf(till);
      const iat = seconds();
      const token = await buildMessage({
        key,
        kind: kinds.access,
        base: {
          iss: key.owner,
          aud: `${stage.world.origin}/v1/inquiries`,
          iat,
          exp: iat + 60,
          jti: 'A'.repeat(22),
          htm: 'POST',
          htu: `${stage.world.origin}/v1/inquiries`,
        },
      });

      expectRefused(await stage.wire.post(`${token}~`), 'wrong-typ');
    });
  });
};
