import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject } from '#shared/kernel/strict-json.ts';
import { type MessageCheck, messageChecks, messageCodes } from '#shared/message/checks.ts';
import { diagnoseRequest } from '#shared/message/diagnose-message.ts';
import type { KeyDirectory } from '#shared/message/key.ts';
import { type Receiver, receiveRequest } from '#shared/message/receive.ts';
import {
  buildRequest,
  clockAt,
  directoryOf,
  disclosureOf,
  makeKey,
  type RequestParts,
  registered,
  requestFactsExample,
  saltText,
  type TestKey,
  testAudience,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';

/** One way to break a request; an earlier one is laid over a later one, so that both are there. */
type Breakage = {
  readonly check: MessageCheck;
  readonly over: (parts: RequestParts) => RequestParts;
};

type Keys = Readonly<Record<'counter' | 'revoked' | 'agency' | 'unregistered', TestKey>>;

type Change = (object: JsonObject) => JsonObject;

const bentClaims =
  (change: Change) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    claims: (honest) => {
      const later = parts.claims?.(honest) ?? honest;
      return change(isJsonObject(later) ? later : honest);
    },
  });

const claims = (change: JsonObject) => bentClaims(withMembers(change));

const header =
  (change: JsonObject) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    header: (honest) => {
      const later = parts.header?.(honest) ?? honest;
      return withMembers(change)(isJsonObject(later) ? later : honest);
    },
  });

const token =
  (change: (text: string) => string) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    token: (text) => change(parts.token?.(text) ?? text),
  });

const jws =
  (change: (text: string) => string) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    jws: (text) => change(parts.jws?.(text) ?? text),
  });

const facts =
  (change: JsonObject) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    facts: { ...(parts.facts ?? requestFactsExample), ...change },
  });

/** More disclosures than were signed. */
const sentToo =
  (...texts: readonly string[]) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    sent: (honest) => [...(parts.sent?.(honest) ?? honest), ...texts],
  });

const digests =
  (change: (honest: readonly string[]) => readonly string[]) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    digests: (honest) => change(parts.digests?.(honest) ?? honest),
  });

const seconds = testNow / 1000;

/** protocol.md §5, from the first check to the last. */
const stages = (keys: Keys): readonly Breakage[] => [
  { check: 'message-size', over: token((text) => text + 'A'.repeat(65_536)) },
  { check: 'ascii', over: token((text) => `\u06f1${text}`) },
  { check: 'closing-tilde', over: token((text) => `${text}x`) },
  {
    check: 'jws-size',
    over: (parts) => ({ ...parts, payload: (json) => json + ' '.repeat(4096) }),
  },
  { check: 'three-segments', over: jws((text) => `${text}.`) },
  { check: 'signature-base64url', over: jws((text) => `${text}=`) },
  {
    check: 'header-json',
    over: (parts) => ({ ...parts, headerText: (json) => json.replace('{', '{"alg":"none",') }),
  },
  { check: 'header-members', over: header({ crit: ['exp'] }) },
  { check: 'typ', over: header({ typ: 'JWT' }) },
  { check: 'kid-form', over: header({ kid: 'x' }) },
  { check: 'alg-known', over: header({ alg: 'none' }) },
  {
    check: 'key-registered',
    over: (parts) => ({ ...parts, key: { ...keys.unregistered, owner: parts.key.owner } }),
  },
  { check: 'key-alg', over: header({ alg: 'Ed25519' }) },
  {
    check: 'key-active',
    over: (parts) => ({ ...parts, key: { ...keys.revoked, owner: parts.key.owner } }),
  },
  {
    check: 'sender-role',
    over: (parts) => ({ ...parts, key: { ...keys.agency, owner: parts.key.owner } }),
  },
  {
    check: 'signature-length',
    over: (parts) => ({ ...parts, signature: () => new Uint8Array(63) }),
  },
  { check: 'signature', over: (parts) => ({ ...parts, signature: () => new Uint8Array(64) }) },
  {
    check: 'claims-json',
    over: (parts) => ({ ...parts, payload: (json) => json.replace('{', '{"aud":"x",') }),
  },
  { check: 'sd-alg', over: claims({ _sd_alg: 'md5' }) },
  { check: 'digest-list', over: claims({ _sd: 'x' }) },
  { check: 'digest-form', over: digests((honest) => ['x', ...honest]) },
  { check: 'digest-order', over: digests((honest) => honest.toReversed()) },
  { check: 'digest-place', over: claims({ '...': 'x' }) },
  {
    check: 'disclosure-count',
    over: sentToo(...Array.from({ length: 65 }, (_, n) => disclosureOf([saltText(), `x${n}`, 1]))),
  },
  { check: 'disclosure-base64url', over: sentToo('!!!!') },
  { check: 'disclosure-json', over: sentToo(disclosureOf('text')) },
  { check: 'disclosure-elements', over: sentToo(disclosureOf([saltText(), 'x'])) },
  { check: 'disclosure-salt', over: sentToo(disclosureOf(['short', 'x', 1])) },
  { check: 'disclosure-name', over: sentToo(disclosureOf([saltText(), '_sd', 1])) },
  { check: 'disclosure-value', over: sentToo(disclosureOf([saltText(), 'x', { _sd: [] }])) },
  { check: 'disclosure-digest', over: sentToo(disclosureOf([saltText(), 'operator', 1])) },
  {
    check: 'disclosure-once',
    over: (parts) => ({
      ...parts,
      disclosures: (texts) => [...texts, disclosureOf([saltText(), 'operator', 'x'])],
    }),
  },
  {
    check: 'digests-opened',
    over: digests((honest) => [...honest, sha256Url(saltText())].toSorted()),
  },
  { check: 'disclosed-names', over: facts({ note: 'x' }) },
  { check: 'claims-members', over: claims({ surplus: 1 }) },
  { check: 'claim-jti', over: claims({ jti: '' }) },
  { check: 'inq-seq', over: bentClaims(withInquiry({ seq: 0 })) },
  { check: 'inq-station', over: bentClaims(withInquiry({ station: '' })) },
  { check: 'fact-params', over: facts({ params: [] }) },
  { check: 'fact-case', over: facts({ case: '' }) },
  { check: 'issuer-owns-key', over: claims({ iss: 'counter:1' }) },
  { check: 'audience', over: claims({ aud: 'https://elsewhere.example/' }) },
  { check: 'exp-after-iat', over: claims({ iat: seconds - 100, exp: seconds - 200 }) },
  { check: 'lifetime', over: claims({ iat: seconds - 1000, exp: seconds - 600 }) },
  { check: 'not-expired', over: claims({ iat: seconds - 700, exp: seconds - 600 }) },
  { check: 'iat-reached', over: claims({ iat: seconds + 600, exp: seconds + 700 }) },
  { check: 'nbf-reached', over: claims({ nbf: seconds + 600 }) },
];

/** Those that need nobody's word. */
const stateless = messageCodes.opening.slice(0, messageCodes.opening.indexOf('key-registered'));

let keys: Keys;
let keyOf: KeyDirectory;
const receiver = (): Receiver => ({ audience: testAudience, keyOf, now: clockAt(testNow) });

beforeAll(async () => {
  keys = {
    counter: await makeKey('ES256'),
    revoked: await makeKey('ES256'),
    agency: await makeKey('ES256', 'agency:post'),
    unregistered: await makeKey('ES256'),
  };
  keyOf = directoryOf([
    await registered(keys.counter),
    await registered(keys.revoked, { status: 'revoked' }),
    await registered(keys.agency),
  ]);
});

const breakBy = (breakages: readonly Breakage[]): Promise<string> =>
  buildRequest(
    breakages.reduceRight<RequestParts>((parts, { over }) => over(parts), {
      key: keys.counter,
      now: testNow,
    }),
  );

const checkOf = async (text: string, directory = keyOf): Promise<string | undefined> => {
  const attempt = receiveRequest(text, { ...receiver(), keyOf: directory });
  const outcome: unknown = await attempt.catch((error: unknown) => error);
  return outcome instanceof Problem ? outcome.extras.check : undefined;
};

describe('the order of checks', () => {
  it('is that of the table', () => {
    const order = Object.keys(messageChecks);
    const positions = stages(keys).map(({ check }) => order.indexOf(check));

    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  it('reports each breakage that stands alone', async () => {
    const reported = await Promise.all(
      stages(keys).map(async (stage) => [stage.check, await checkOf(await breakBy([stage]))]),
    );

    expect(reported).toEqual(stages(keys).map(({ check }) => [check, check]));
  });

  it('reports the earlier of any two', async () => {
    const all = stages(keys);
    const pairs = all.flatMap((first, n) => all.slice(n + 1).map((second) => [first, second]));
    const reported = await Promise.all(
      pairs.map(async (pair) => {
        const names = pair.map(({ check }) => check).join(' before ');
        return [names, await checkOf(await breakBy(pair))];
      }),
    );

    expect(pairs.length).toBeGreaterThan(1000);
    expect(reported).toEqual(
      pairs.map((pair) => [pair.map(({ check }) => check).join(' before '), pair[0]?.check]),
    );
  });

  it('reports the earliest of several, and a diagnosis begins with it too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...stages(keys)], { minLength: 2 }), async (broken) => {
        const text = await breakBy(broken);
        expect(await checkOf(text)).toBe(broken[0]?.check);
        const { findings } = await diagnoseRequest(text, receiver());
        const failed = [...findings].find(([, { result }]) => result === 'failed');
        expect(failed?.[0]).toBe(broken[0]?.check);
      }),
      { numRuns: 300 },
    );
  });

  it('asks the registry once, and not before framing and header hold', async () => {
    const counts: (readonly [string, number])[] = [];
    for (const stage of stages(keys)) {
      const asked: string[] = [];
      const counting: KeyDirectory = (kid) => {
        asked.push(kid);
        return keyOf(kid);
      };
      await checkOf(await breakBy([stage]), counting);
      counts.push([stage.check, asked.length]);
    }

    expect(counts).toEqual(
      stages(keys).map(({ check }) => [check, stateless.some((one) => one === check) ? 0 : 1]),
    );
  });

  it('lets a failure of the registry through as what it is', async () => {
    const down = new Error('the store is away');
    const text = await breakBy([]);

    await expect(
      receiveRequest(text, { ...receiver(), keyOf: () => Promise.reject(down) }),
    ).rejects.toBe(down);
  });
});
