/** Inquiries as the exchange writes them, made as fast as that goes. */
import { createPrivateKey, type KeyObject, randomBytes, randomFillSync, sign } from 'node:crypto';
import { v7 } from 'uuid';
import { sha256Url, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { type Algorithm, signatureLength } from '#shared/message/algorithm.ts';
import { kinds } from '#shared/message/kind.ts';
import { registryLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, type TestKey, testAudience, testNow } from '#tests/support/messages.ts';

/** The two records of an inquiry as they stand in the journal and, a line each, in the log. */
export type SampleEntry = {
  readonly id: InquiryId;
  readonly intent: string;
  readonly outcome: string;
};

/** Who signs the inquiries of a bench. */
export type SampleSigners = {
  readonly counter: TestKey;
  readonly agency: TestKey;
  readonly sign: (key: TestKey, text: string) => Uint8Array;
};

/** When the first inquiry of a sample was asked, in milliseconds. */
export const sampleStart = testNow;

/** Facts that a typical request and a typical answer hold: their digests are what the log sees. */
const factsAsked = 4;
const factsTold = 4;

/** Random bytes are asked for in large pieces: each call costs a microsecond. */
const randomPieces = (): ((length: number) => Uint8Array) => {
  const pool = new Uint8Array(65_536);
  let used = pool.length;
  return (length) => {
    if (used + length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
};

const random = randomPieces();
const messageId = (): string => toBase64Url(random(16));
const digests = (count: number): string[] =>
  Array.from({ length: count }, () => toBase64Url(random(32))).toSorted();

const sampleKeys = async (alg: Algorithm): Promise<Omit<SampleSigners, 'sign'>> => ({
  counter: await makeKey(alg, 'counter:72110345'),
  agency: await makeKey(alg, 'agency:civil-registry'),
});

/** Signers whose signatures hold. */
export const sampleSigners = async (alg: Algorithm = 'ES256'): Promise<SampleSigners> => {
  const { counter, agency } = await sampleKeys(alg);
  const secretOf = ({ privateJwk }: TestKey): KeyObject =>
    createPrivateKey({ key: privateJwk, format: 'jwk' });
  const secrets = new Map([counter, agency].map((key) => [key.kid, secretOf(key)]));
  return {
    counter,
    agency,
    sign: ({ kid, alg: algorithm }, text) => {
      const key = secrets.get(kid);
      if (key === undefined) throw new RangeError('Nobody here has that key.');
      return algorithm === 'ES256'
        ? sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
        : sign(null, Buffer.from(text), key);
    },
  };
};

/** Signers of random bytes: for whatever never looks at a signature. */
export const hastySigners = async (): Promise<SampleSigners> => ({
  ...(await sampleKeys('ES256')),
  sign: () => random(signatureLength),
});

/** The leaves that put the keys of the signers on record, before everything they sign. */
export const keyLeaves = ({ counter, agency }: SampleSigners): readonly Uint8Array[] => [
  registryLeaf(counter),
  registryLeaf(agency),
];

const encode = (json: object): string => toBase64Url(utf8(JSON.stringify(json)));

const tokenOf = (
  typ: string,
  claims: JsonObject,
  key: TestKey,
  { sign: signWith }: SampleSigners,
): string => {
  const input = `${encode({ alg: key.alg, kid: key.kid, typ })}.${encode(claims)}`;
  return `${input}.${toBase64Url(signWith(key, input))}`;
};

/** What an inquiry says in the clear; whoever signs it may be another than the counter it is for. */
export type SampleSaid = {
  readonly id: InquiryId;
  readonly t: number;
  readonly iss: string;
  readonly inq: JsonObject & { readonly seq: number };
  readonly effect: string;
  readonly rule: string;
  readonly out: string;
  readonly ms: number;
  /** Who answered, and its number for it; absent where nobody did. */
  readonly answer?: { readonly iss: string; readonly seq: number };
};

/** The records of an inquiry. */
export const entrySaying = (said: SampleSaid, signers: SampleSigners): SampleEntry => {
  const { id, t, iss, out, ms, answer } = said;
  const { counter, agency } = signers;
  const seconds = Math.floor(t / 1000);
  const times = { iat: seconds, exp: seconds + 60 };
  const asked = messageId();
  const req = tokenOf(
    kinds.request.typ,
    {
      iss,
      aud: testAudience,
      ...times,
      jti: asked,
      inq: { id, ...said.inq },
      _sd: digests(factsAsked),
    },
    counter,
    signers,
  );
  const dec = { effect: said.effect, rule: said.rule, registry: 12 };
  const intent = canonicalJson({ v: 1, k: 'i', id, t, dec, req });
  const res =
    answer &&
    tokenOf(
      kinds.response.typ,
      {
        iss: answer.iss,
        aud: 'exchange:estelam',
        ...times,
        jti: messageId(),
        in_reply_to: asked,
        req_s256: sha256Url(req),
        inq_id: id,
        seq: answer.seq,
        outcome: out,
        _sd: digests(factsTold),
      },
      agency,
      signers,
    );
  const told = res === undefined ? { http: 0 } : { http: 200, res, fee: 'tariff-read' };
  const common = { v: 1, k: 'o', id, i: sha256Url(intent), t: t + ms, ms };
  return { id, intent, outcome: canonicalJson({ ...common, out, ...told }) };
};

/** One inquiry, asked at `t` (milliseconds), answered 180 ms later. */
export const sampleEntry = (t: number, seq: number, signers: SampleSigners): SampleEntry =>
  entrySaying(
    {
      id: InquiryId.parse(v7({ msecs: t, random: randomBytes(16) })),
      t,
      iss: signers.counter.owner,
      inq: {
        seq,
        service: 'civil-registry/identity@1',
        purpose: 'pension-enrolment',
        basis: 'civil-code-1.12',
        station: 'till-3',
        presence: 'in-person',
      },
      effect: 'allow',
      rule: 'open-service',
      out: 'FOUND',
      ms: 180,
      answer: { iss: signers.agency.owner, seq },
    },
    signers,
  );

/** So many inquiries in the order of their ids, so many of them a second. */
export function* sampleEntries(
  count: number,
  perSecond: number,
  signers: SampleSigners,
): Generator<SampleEntry> {
  for (let n = 0; n < count; n += 1) {
    yield sampleEntry(sampleStart + Math.floor((n * 1000) / perSecond), n + 1, signers);
  }
}
