import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import type { ProblemName } from '#shared/kernel/problem.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { inquiryIdAt, withInquiry, withMembers, withTimes } from '#tests/support/messages.ts';
import { accessFor, postAs, readAs } from '../access.ts';
import { type Asking, idOf, otherTill, requestFor, retryOf, till } from '../ask.ts';
import { askWell, whileBehaving } from '../behaving.ts';
import { accesses, tokenOf } from '../citizens.ts';
import { registrar, sendCommand } from '../commands.ts';
import { whileInFlight } from '../inflight.ts';
import { leaksIn } from '../leaks.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused, type Language, statusOf } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';
import { onlyLocal, putsOf, whileCallsBreak, workshopOf } from '../workshop.ts';

type Headers = Readonly<Record<string, string>>;

/** Makes the exchange refuse under one name. */
type Provocation = {
  readonly provoke: (stage: Stage, headers: Headers) => Promise<Heard>;
  /** Only an exchange on this machine can be brought to it. */
  readonly local?: string;
};

const bent = (asking: Asking): Provocation => ({
  provoke: async (stage, headers) => stage.wire.post(await requestFor(stage, asking), headers),
});

const bentOn = (asking: (stage: Stage) => Asking): Provocation => ({
  provoke: async (stage, headers) =>
    stage.wire.post(await requestFor(stage, asking(stage)), headers),
});

const sent = (body: string, more: Headers = {}): Provocation => ({
  provoke: ({ wire }, headers) => wire.post(body, { ...headers, ...more }),
});

/** Seconds since 1970. */
const now = (): number => Math.floor(Date.now() / 1000);

const times = (offsets: Readonly<Record<string, number>>): Provocation =>
  bent({ claims: (claims) => withTimes(now(), offsets)(claims) });

const behaving = (name: 'wrong-key' | 'unavailable' | 'hang'): Provocation => ({
  provoke: (stage, headers) =>
    whileBehaving(stage, 'telecom', name, async () => {
      const question = serviceOf('telecom').yes;
      return stage.wire.post(await requestFor(stage, { question }), headers);
    }),
});

/** By a process of the exchange that takes the state of the log differently. */
const withLogSettings = (change: Readonly<Record<string, string>>): Provocation => ({
  local: onlyLocal,
  provoke: async (stage, headers) => {
    const another = await workshopOf(stage).startAnother(change);
    try {
      return await stage.wire.to(another.url).post(await requestFor(stage), headers);
    } finally {
      await another.stop();
    }
  },
});

const everything = (): string =>
  `/v1/audit/entries?${new URLSearchParams({
    from: '2026-01-01T00:00:00Z',
    to: new Date().toISOString(),
    limit: '1',
  }).toString()}`;

/** Looks each half second until something is in the index of entries. */
const untilIndexed = async (stage: Stage): Promise<void> => {
  for (;;) {
    const { indexed } = (await readAs(stage, 'auditor:inspection', everything())).json;
    if (typeof indexed === 'string' && indexed > '2026') return;
    await wait(500);
  }
};

/** A witness that has never seen the log. */
const strangeWitness = formatVerifierKey(noteKey('witness.example/a', 'cosignature').verifier);

const provocations: Readonly<Record<ProblemName, Provocation>> = {
  malformed: sent('this is not a token'),
  'header-not-allowed': bent({
    header: withMembers({ jku: 'https://attacker.example/keys.json' }),
  }),
  'wrong-typ': bent({ header: withMembers({ typ: 'inq-response+sd-jwt' }) }),
  'algorithm-not-allowed': bent({ header: withMembers({ alg: 'none' }) }),
  'unknown-key': bentOn(({ world }) => ({ key: world.badKeys.unregistered })),
  'key-not-active': bentOn(({ world }) => ({ key: world.badKeys.revoked })),
  'signature-invalid': bent({ signature: (bytes) => bytes.map((byte) => byte ^ 1) }),
  'disclosure-invalid': bent({ sent: (texts) => texts.slice(1) }),
  'issuer-key-mismatch': bent({ claims: withMembers({ iss: 'counter:99999999' }) }),
  'wrong-audience': bent({ claims: withMembers({ aud: 'https://attacker.example/' }) }),
  expired: times({ iat: -72, exp: -12 }),
  'not-yet-valid': times({ iat: 120, exp: 180 }),
  'lifetime-too-long': times({ iat: 0, exp: 301 }),
  'stale-inquiry': bentOn(() => ({ id: inquiryIdAt(Date.now() - 11_000) })),
  'invalid-query': {
    provoke: async (stage, headers) => {
      const target = '/v1/audit/entries?from=yesterday';
      const token = await accessFor(stage, 'auditor:inspection', target);
      const authorization = `Bearer ${token}`;
      return stage.wire.send('GET', target, { headers: { ...headers, authorization } });
    },
  },
  'invalid-body': {
    provoke: (stage, headers) => {
      const subject = { type: 'ir-national-id', value: '7400076205' };
      // Without an order nobody is searched for.
      const target = '/v1/audit/subject-search';
      return postAs(stage, 'auditor:inspection', target, { subject }, headers);
    },
  },
  unauthenticated: {
    provoke: ({ wire }, headers) => wire.send('GET', '/v1/audit/entries', { headers }),
  },
  'wrong-role': bentOn(({ world }) => ({ key: world.keyOf('agency:police') })),
  'out-of-scope': {
    provoke: async (stage, headers) => {
      const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };
      const query = new URLSearchParams({ ...range, counter: otherTill });
      const target = `/v1/audit/entries?${query.toString()}`;
      const authorization = `Bearer ${await accessFor(stage, till, target)}`;
      return stage.wire.send('GET', target, { headers: { ...headers, authorization } });
    },
  },
  'link-invalid': {
    provoke: ({ wire }, headers) => {
      const id = inquiryIdAt(Date.now());
      const query = new URLSearchParams({ expires: '9999999999', sig: 'A'.repeat(43) });
      const target = `/v1/audit/exports/${id}/parts/0?${query.toString()}`;
      return wire.send('GET', target, { headers });
    },
  },
  'policy-denied': bent({
    question: { ...serviceOf('police').yes, purpose: 'curiosity' },
  }),
  'not-found': {
    provoke: ({ wire }, headers) => wire.send('GET', `/v1/keys/${'A'.repeat(43)}`, { headers }),
  },
  'proof-pending': {
    provoke: async (stage, headers) => {
      const text = await requestFor(stage);
      await stage.wire.post(text);
      const target = `/v1/inquiries/${idOf(text)}/proof`;
      const authorization = `Bearer ${await accessFor(stage, till, target)}`;
      return stage.wire.send('GET', target, { headers: { ...headers, authorization } });
    },
  },
  'log-behind': withLogSettings({ SEQUENCING_LIMIT_SECONDS: '1' }),
  'witness-quorum-lost': withLogSettings({
    LOG_WITNESS_POLICY: `witness w ${strangeWitness}\nquorum w`,
  }),
  replayed: {
    provoke: async (stage, headers) => {
      const text = await requestFor(stage);
      await stage.wire.post(text);
      return stage.wire.post(text, headers);
    },
  },
  'reference-conflict': {
    provoke: async (stage, headers) => {
      const text = await requestFor(stage);
      await stage.wire.post(text);
      return stage.wire.post(await requestFor(stage, { id: idOf(text) }), headers);
    },
  },
  'stale-version': {
    provoke: (stage, headers) => {
      const content = { id: till, title: { fa: 'دفتر', en: 'Office' } };
      const said = { do: 'participant.rename', on: 1_000_000, with: content };
      return sendCommand(stage, registrar, said, headers);
    },
  },
  'command-refused': {
    provoke: (stage, headers) => {
      const content = { kid: 'A'.repeat(43), reason: 'the key was lost' };
      return sendCommand(stage, registrar, { do: 'key.revoke', on: 0, with: content }, headers);
    },
  },
  'index-unavailable': {
    local: onlyLocal,
    provoke: async (stage, headers) => {
      await untilIndexed(stage);
      const nowhere = { DERIVED_DIRECTORY: join(tmpdir(), crypto.randomUUID()) };
      const another = await workshopOf(stage).startAnother(nowhere);
      try {
        const target = everything();
        const authorization = `Bearer ${await accessFor(stage, 'auditor:inspection', target)}`;
        const wire = stage.wire.to(another.url);
        return await wire.send('GET', target, { headers: { ...headers, authorization } });
      } finally {
        await another.stop();
      }
    },
  },
  'legal-hold': {
    provoke: async (stage, headers) => {
      // Nobody is asked about who has this number, and so nobody else has it erased.
      const subject = { type: 'ir-national-id', value: '7400076205' };
      const held = { order: 'court-12/05-779', reason: 'A case is open.' };
      const what = { kind: 'subject', subject };
      const id = inquiryIdAt(Date.now());
      await postAs(stage, registrar, '/v1/holds', { id, ...held, what });
      const order = { id: inquiryIdAt(Date.now()), subject, order: 'court-12/05-778' };
      return postAs(stage, registrar, '/v1/erasures', order, headers);
    },
  },
  'too-large': sent('A'.repeat(65_537)),
  'unsupported-media-type': sent('{}', { 'content-type': 'application/json' }),
  'invalid-claims': bent({ claims: withInquiry({ seq: 0, presence: 'remote' }) }),
  'rate-limited': {
    provoke: async (stage, headers) => {
      const { meanwhile } = await whileInFlight(stage, async (text) =>
        stage.wire.post(await retryOf(stage, text), headers),
      );
      return meanwhile;
    },
  },
  'agency-response-invalid': behaving('wrong-key'),
  'agency-unavailable': behaving('unavailable'),
  'agency-timeout': behaving('hang'),
  'store-unavailable': {
    local: onlyLocal,
    provoke: async (stage, headers) => {
      const text = await requestFor(stage);
      const isPut = putsOf(text, 'i');
      return whileCallsBreak(
        stage,
        (call) => (isPut(call) ? 'refuse' : 'pass'),
        () => stage.wire.post(text, headers),
      );
    },
  },
  'identity-provider-unavailable': {
    local: onlyLocal,
    provoke: async (stage, headers) => {
      const nowhere = { OIDC_JWKS_URI: 'http://127.0.0.1:9/keys' };
      const another = await workshopOf(stage).startAnother(nowhere);
      try {
        const authorization = `Bearer ${tokenOf(stage, '0499370899')}`;
        const wire = stage.wire.to(another.url);
        return await wire.send('GET', accesses, { headers: { ...headers, authorization } });
      } finally {
        await another.stop();
      }
    },
  },
  'signer-unavailable': {
    local: onlyLocal,
    provoke: async (stage, headers) => {
      const another = await workshopOf(stage).startAnother();
      const text = await requestFor(stage);
      try {
        return await whileCallsBreak(
          stage,
          ({ body }) => (body.includes('signing#') ? 'refuse' : 'pass'),
          () => stage.wire.to(another.url).post(text, headers),
        );
      } finally {
        await another.stop();
      }
    },
  },
};

const languages: readonly { readonly language: Language; readonly accepts: string }[] = [
  { language: 'en', accepts: 'en-GB,en;q=0.9,fa;q=0.5' },
  { language: 'fa', accepts: 'fa-IR,fa;q=0.9,en;q=0.5' },
];

/** Refusals that come with the receipt of an inquiry that stands in the journal. */
const receipted = new Set<string>([
  'policy-denied',
  'agency-response-invalid',
  'agency-unavailable',
  'agency-timeout',
]);

const isName = (name: string): name is ProblemName => Object.hasOwn(provocations, name);

const rows = Object.keys(provocations)
  .filter(isName)
  .flatMap((name) => languages.map((language) => ({ name, ...language, ...provocations[name] })));

/** Refusals that say when to come back. */
const passing = new Set<string>([
  'rate-limited',
  'store-unavailable',
  'signer-unavailable',
  'proof-pending',
  'log-behind',
  'witness-quorum-lost',
  'index-unavailable',
  'identity-provider-unavailable',
]);

export const errorsSuite = (onStage: OnStage): void => {
  describe('each refusal of the error table', () => {
    it.for(rows)(
      '$name is told in $language',
      async ({ name, language, accepts, provoke, local }, { skip }) => {
        const stage = onStage();
        skip(local !== undefined && stage.world.workshop === undefined, local);

        const heard = await provoke(stage, { 'accept-language': accepts });

        expectRefused(heard, name, { language });
        expect(leaksIn([heard.text], stage.persons.values())).toEqual([]);
        expect('current' in heard.json).toBe(name === 'stale-version');
        expect('receipt' in heard.json).toBe(receipted.has(name));
        expect(heard.header('retry-after') !== undefined).toBe(passing.has(name));
        expect(heard.header('www-authenticate')).toBe(
          name === 'unauthenticated' ? 'Bearer' : undefined,
        );
        expect(await askWell(stage, 'telecom')).toBe(200);
      },
    );

    it('is in the table, and all of the table is here', async () => {
      const { json } = await onStage().wire.send('GET', '/.well-known/estelam');

      expect(json['problems']).toEqual(statusOf);
    });
  });
};
