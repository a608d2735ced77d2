import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Problem, type ProblemName } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject } from '#shared/kernel/strict-json.ts';
import type { KeyDirectory } from '#shared/message/key.ts';
import { type Receiver, receiveRequest } from '#shared/message/receive.ts';
import {
  buildRequest,
  clockAt,
  directoryOf,
  makeKey,
  type RequestParts,
  registered,
  requestFactsExample,
  type TestKey,
  testAudience,
  testNow,
  withMembers,
} from '#tests/support/messages.ts';

/** One way to break a request; an earlier one is laid over a later one, so that both are there. */
type Breakage = {
  readonly name: string;
  readonly problem: ProblemName;
  readonly over: (parts: RequestParts) => RequestParts;
};

type Keys = Readonly<Record<'counter' | 'revoked' | 'agency' | 'unregistered', TestKey>>;

const claims =
  (change: JsonObject) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    claims: (honest) => {
      const later = parts.claims?.(honest) ?? honest;
      return withMembers(change)(isJsonObject(later) ? later : honest);
    },
  });

const header =
  (change: JsonObject) =>
  (parts: RequestParts): RequestParts => ({
    ...parts,
    header: (honest) => {
      const later = parts.header?.(honest) ?? honest;
      return withMembers(change)(isJsonObject(later) ? later : honest);
    },
  });

const seconds = testNow / 1000;

/** protocol.md §5, from the first check to the last. */
const stages = (keys: Keys): readonly Breakage[] => [
  {
    name: 'size',
    problem: 'too-large',
    over: (parts) => ({ ...parts, payload: (json) => json + ' '.repeat(4096) }),
  },
  {
    name: 'canonical base64url',
    problem: 'malformed',
    over: (parts) => ({ ...parts, jws: (jws) => `${jws}=` }),
  },
  {
    name: 'the closed header',
    problem: 'header-not-allowed',
    over: header({ crit: ['exp'] }),
  },
  { name: 'typ', problem: 'wrong-typ', over: header({ typ: 'JWT' }) },
  { name: 'kid', problem: 'malformed', over: header({ kid: 'x' }) },
  { name: 'alg', problem: 'algorithm-not-allowed', over: header({ alg: 'none' }) },
  {
    name: 'the registry',
    problem: 'unknown-key',
    over: (parts) => ({ ...parts, key: { ...keys.unregistered, owner: parts.key.owner } }),
  },
  {
    name: "the key's algorithm",
    problem: 'algorithm-not-allowed',
    over: header({ alg: 'Ed25519' }),
  },
  {
    name: "the key's standing",
    problem: 'key-not-active',
    over: (parts) => ({ ...parts, key: { ...keys.revoked, owner: parts.key.owner } }),
  },
  {
    name: 'the role',
    problem: 'wrong-role',
    over: (parts) => ({ ...parts, key: { ...keys.agency, owner: parts.key.owner } }),
  },
  {
    name: 'the signature',
    problem: 'signature-invalid',
    over: (parts) => ({ ...parts, signature: () => new Uint8Array(64) }),
  },
  {
    name: 'strict JSON',
    problem: 'malformed',
    over: (parts) => ({ ...parts, payload: (json) => json.replace('{', '{"aud":"x",') }),
  },
  {
    name: 'the disclosures',
    problem: 'disclosure-invalid',
    over: (parts) => ({ ...parts, sent: (texts) => texts.slice(1) }),
  },
  { name: 'the schema', problem: 'invalid-claims', over: claims({ surplus: 1 }) },
  {
    name: "the facts' schema",
    problem: 'invalid-claims',
    over: (parts) => ({ ...parts, facts: { ...requestFactsExample, case: '' } }),
  },
  { name: 'iss', problem: 'issuer-key-mismatch', over: claims({ iss: 'counter:1' }) },
  { name: 'aud', problem: 'wrong-audience', over: claims({ aud: 'https://elsewhere.example/' }) },
  {
    name: 'the lifetime',
    problem: 'lifetime-too-long',
    over: claims({ iat: seconds - 1000, exp: seconds - 600 }),
  },
  {
    name: 'exp',
    problem: 'expired',
    over: claims({ iat: seconds - 700, exp: seconds - 600 }),
  },
];

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

const problemOf = async (text: string, directory = keyOf): Promise<string | undefined> => {
  const attempt = receiveRequest(text, { ...receiver(), keyOf: directory });
  const outcome: unknown = await attempt.catch((error: unknown) => error);
  return outcome instanceof Problem ? outcome.name : undefined;
};

describe('the order of checks', () => {
  it('reports each breakage that stands alone', async () => {
    const reported = await Promise.all(
      stages(keys).map(async (stage) => [stage.name, await problemOf(await breakBy([stage]))]),
    );

    expect(reported).toEqual(stages(keys).map(({ name, problem }) => [name, problem]));
  });

  it('reports the earliest of several', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...stages(keys)], { minLength: 2 }), async (broken) => {
        const text = await breakBy(broken);
        expect(await problemOf(text)).toBe(broken[0]?.problem);
      }),
      { numRuns: 500 },
    );
  });

  it('asks the registry once, and not before framing and header hold', async () => {
    const stateless = ['size', 'canonical base64url', 'the closed header', 'typ', 'kid', 'alg'];
    const counts: (readonly [string, number])[] = [];
    for (const stage of stages(keys)) {
      const asked: string[] = [];
      const counting: KeyDirectory = (kid) => {
        asked.push(kid);
        return keyOf(kid);
      };
      await problemOf(await breakBy([stage]), counting);
      counts.push([stage.name, asked.length]);
    }

    expect(counts).toEqual(
      stages(keys).map(({ name }) => [name, stateless.includes(name) ? 0 : 1]),
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
