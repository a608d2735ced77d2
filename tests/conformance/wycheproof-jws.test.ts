import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromBase64Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonValue, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { isAlgorithm, signatureLength } from '#shared/message/algorithm.ts';
import type { KeyDirectory } from '#shared/message/key.ts';
import { receiveAccess } from '#shared/message/receive.ts';
import { admitKey } from '#shared/registry/admit-key.ts';
import { clockAt, testAudience, testNow, withMembers } from '#tests/support/messages.ts';
import { readVectors } from '#tests/support/vectors.ts';

const Jwk = z.record(z.string(), z.json());
const File = z.object({
  testGroups: z.array(
    z.object({
      comment: z.string(),
      public: Jwk.optional(),
      private: Jwk,
      tests: z.array(
        z.object({ tcId: z.int(), jws: z.string(), result: z.enum(['valid', 'invalid']) }),
      ),
    }),
  ),
});

type Vector = {
  readonly tcId: number;
  readonly jws: string;
  readonly valid: boolean;
  /** The public key; of a symmetric group, the secret itself. */
  readonly jwk: JsonValue;
};

const vectorsOf = (file: z.infer<typeof File>): readonly Vector[] =>
  file.testGroups.flatMap(({ tests, ...group }) =>
    tests.map(({ tcId, jws, result }) => ({
      tcId,
      jws,
      valid: result === 'valid',
      jwk: group.public ?? group.private,
    })),
  );

const path = 'wycheproof/json_web_signature_test.json';

/** `accepted`, or what refused it. */
type Verdict = string;

const verdictOf = async (judge: () => Promise<unknown>): Promise<Verdict> => {
  try {
    await judge();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [error.name, ...(error.extras.errors ?? []).map(({ pointer }) => pointer)].join(' ');
  }
};

type Judged = readonly (readonly [verdict: Verdict, tcId: number])[];

/** The test ids under each verdict, as text: `1, 3, 4`. */
const idsOf = (judged: Judged): Readonly<Record<Verdict, string>> => {
  const groups = Object.entries(Object.groupBy(judged, ([verdict]) => verdict));
  return Object.fromEntries(
    groups.map(([verdict, pairs = []]) => [verdict, pairs.map(([, tcId]) => tcId).join(', ')]),
  );
};

/** A long list of test ids, written over several lines. */
const idList = (lines: string): string => lines.trim().replaceAll(/\s+/g, ' ');

const countsOf = (judged: Judged): Readonly<Record<Verdict, number>> => {
  const groups = Object.entries(Object.groupBy(judged, ([verdict]) => verdict));
  return Object.fromEntries(groups.map(([verdict, pairs = []]) => [verdict, pairs.length]));
};

const readSegments = (
  jws: string,
): { readonly header: Uint8Array; readonly signature: Uint8Array } => {
  const segments = jws.split('.').map((segment) => fromBase64Url(segment));
  const [header, payload, signature] = segments;
  const whole = header !== undefined && payload !== undefined && signature !== undefined;
  if (!whole || segments.length !== 3) {
    throw new Problem('malformed', 'These are not three segments of canonical base64url.');
  }
  return { header, signature };
};

/**
 * The profile without what the vectors cannot have: their header need not be closed and their kid is
 * no thumbprint. All the rest is the project's own path: registration of the key, three segments,
 * canonical base64url, strict JSON, the algorithm of the key, 64 bytes, compactVerify.
 */
const verifyOutsideProfile = async ({ jws, jwk }: Vector): Promise<void> => {
  const bare = isJsonObject(jwk) ? withMembers({ kid: undefined })(jwk) : jwk;
  const { alg, key } = await admitKey(bare);
  const { header, signature } = readSegments(jws);
  const json = parseStrictJson(header);
  const named = isJsonObject(json) ? json['alg'] : undefined;
  if (typeof named !== 'string' || !isAlgorithm(named) || named !== alg) {
    throw new Problem('algorithm-not-allowed', 'alg');
  }
  if (signature.length !== signatureLength) {
    throw new Problem('signature-invalid', 'The signature has not 64 bytes.');
  }
  await compactVerify(jws, key, { algorithms: [alg] }).catch((cause: unknown) => {
    throw new Problem('signature-invalid', 'signature', {}, { cause });
  });
};

const noDirectory: KeyDirectory = () => {
  throw new Error('The registry was asked for a key.');
};

describe('Wycheproof, JSON Web Signature', () => {
  it('has 401 vectors, 355 invalid and 46 valid', (test) => {
    const vectors = vectorsOf(readVectors(test, path, File));

    expect(vectors.length).toBe(401);
    expect(vectors.filter(({ valid }) => valid).length).toBe(46);
  });

  it('as messages: every one is refused by its framing or header, before a key is asked for', async (test) => {
    const verdicts = [];
    for (const { tcId, jws, valid } of vectorsOf(readVectors(test, path, File))) {
      const receiver = { audience: testAudience, keyOf: noDirectory, now: clockAt(testNow) };
      const verdict = await verdictOf(() => receiveAccess(jws, receiver));
      verdicts.push([`${valid ? 'valid' : 'invalid'}: ${verdict}`, tcId] as const);
    }

    expect(countsOf(verdicts)).toEqual({
      // No thumbprint as kid, no typ.
      'invalid: header-not-allowed': 319,
      'invalid: malformed': 36,
      'valid: header-not-allowed': 44,
      'valid: malformed': 2,
    });
  });

  it('registration, framing and signature: all 355 invalid ones are refused', async (test) => {
    const vectors = vectorsOf(readVectors(test, path, File)).filter(({ valid }) => !valid);
    const verdicts = [];
    for (const vector of vectors) {
      verdicts.push([await verdictOf(() => verifyOutsideProfile(vector)), vector.tcId] as const);
    }

    expect(countsOf(verdicts)).toEqual({
      'invalid-claims /k': 30,
      'invalid-claims /kty': 286,
      'invalid-claims /use': 1,
      'invalid-claims /key_ops': 1,
      malformed: 7,
      'algorithm-not-allowed': 1,
      'signature-invalid': 29,
    });
  });

  it('registration, framing and signature: of the 46 valid ones, those are refused', async (test) => {
    const vectors = vectorsOf(readVectors(test, path, File)).filter(({ valid }) => valid);
    const verdicts = [];
    for (const vector of vectors) {
      verdicts.push([await verdictOf(() => verifyOutsideProfile(vector)), vector.tcId] as const);
    }

    expect(idsOf(verdicts)).toEqual({
      accepted: '18, 378',
      // P-521: not one of the two algorithms.
      'invalid-claims /crv': '347, 351',
      // HMAC: a secret that both sides hold proves nothing to a third.
      'invalid-claims /k': '1, 348, 352, 357, 358, 359, 372, 373, 376, 377',
      // RSA is not one of the two algorithms.
      'invalid-claims /kty': idList(`
        33, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270, 271, 272, 273, 274,
        275, 287, 288, 320, 321, 322, 323, 325, 326, 327, 328, 345, 346, 349, 350
      `),
    });
  });

  it('framing alone: these are refused, whatever the key', async (test) => {
    const verdicts = [];
    for (const { tcId, jws, valid } of vectorsOf(readVectors(test, path, File))) {
      const framed = await verdictOf(async () => readSegments(jws));
      verdicts.push([`${valid ? 'valid' : 'invalid'}: ${framed}`, tcId] as const);
    }

    expect(idsOf(verdicts.filter(([verdict]) => !verdict.endsWith('accepted')))).toEqual({
      'invalid: malformed': idList(`
        4, 7, 10, 12, 13, 14, 15, 17, 21, 24, 27, 29, 30, 36, 39, 42, 44, 45,
        360, 361, 362, 363, 364, 365, 366, 368, 369, 371, 374, 375
      `),
      // A ? inside the base64url, which that suite lets a reader skip.
      'valid: malformed': '372, 373',
    });
  });
});
