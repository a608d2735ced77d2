import type { DraftedResponse } from '#shared/client/agency-response.ts';
import type { Random } from '#shared/client/sign-request.ts';
import { toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { type Disclosure, joinSdJwt, makeDisclosure } from '#shared/message/disclosure.ts';
import type { Signer } from '#shared/message/key.ts';
import { kinds } from '#shared/message/kind.ts';
import { signMessage } from '#shared/message/sign.ts';
import type { Answer } from './answer.ts';

/** An honest answer, and what a lying agency has at hand to bend it. */
export type Bending = {
  readonly answer: Answer;
  /** Puts an answer together as the protocol wants it. */
  readonly draft: (answer: Answer) => Promise<DraftedResponse>;
  readonly signer: Signer;
  /** Somebody else's key. */
  readonly stranger: Signer;
  readonly random: Random;
  /** The members of the service's output schema, and those that the asker may have. */
  readonly declared: readonly string[];
  readonly fields: readonly string[];
  /** A value that fits a declared member. */
  readonly valueOf: (name: string) => JsonValue;
};

/** Makes the token that is sent instead of the honest one. */
export type Lie = (bending: Bending) => Promise<string>;

type Signed = {
  readonly claims: JsonObject;
  readonly digests: readonly string[];
  readonly sent: readonly Disclosure[];
};

const sign = async ({ claims, digests, sent }: Signed, signer: Signer): Promise<string> => {
  const jws = await signMessage(kinds.response, { ...claims, _sd: digests.toSorted() }, signer);
  return joinSdJwt(jws, sent);
};

const honest = ({ claims, disclosures }: DraftedResponse): Signed => ({
  claims,
  digests: disclosures.map(({ digest }) => digest),
  sent: disclosures,
});

const draftHonest = async ({ draft, answer }: Bending): Promise<Signed> =>
  honest(await draft(answer));

/** The honest answer with some claims replaced. */
const withClaims =
  (change: (claims: JsonObject, random: Random) => JsonObject): Lie =>
  async (bending) => {
    const signed = await draftHonest(bending);
    const claims = { ...signed.claims, ...change(signed.claims, bending.random) };
    return sign({ ...signed, claims }, bending.signer);
  };

/** The honest answer with fields added to its result. */
const withFields =
  (fields: (bending: Bending) => JsonObject): Lie =>
  async (bending) => {
    const { outcome, result } = bending.answer;
    const answer = { outcome, result: { ...result, ...fields(bending) } };
    return sign(honest(await bending.draft(answer)), bending.signer);
  };

/** The honest answer with other disclosures than its digests say; there is always one to bend. */
const withDisclosures =
  (bend: (signed: Signed, random: Random) => Signed): Lie =>
  async (bending) => {
    const signed = await draftHonest(bending);
    return sign(bend(signed, bending.random), bending.signer);
  };

const digest = (random: Random): string => toBase64Url(random(32));

const numberIn = (claims: JsonObject, name: string): number => {
  const value = claims[name];
  return typeof value === 'number' ? value : 0;
};

/** The same id with another last digit, so that it still looks like one. */
const otherId = (id: JsonValue | undefined): string => {
  const text = typeof id === 'string' ? id : '';
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
};

const part = (json: JsonObject): string => toBase64Url(utf8(JSON.stringify(json)));

const noSignature: Lie = async (bending) => {
  const { claims, digests, sent } = await draftHonest(bending);
  const header = { alg: 'none', kid: bending.signer.kid, typ: kinds.response.typ };
  const payload = { ...claims, _sd: digests.toSorted() };
  return joinSdJwt(`${part(header)}.${part(payload)}.`, sent);
};

/** Under the agency's own `kid`, but with a key that is not the agency's. */
const wrongKey: Lie = async (bending) => {
  const { signer, stranger } = bending;
  return sign(await draftHonest(bending), { ...stranger, kid: signer.kid, alg: signer.alg });
};

const wrongTyp: Lie = async (bending) => {
  const { claims, digests, sent } = await draftHonest(bending);
  const payload = { ...claims, _sd: digests.toSorted() };
  return joinSdJwt(await signMessage(kinds.request, payload, bending.signer), sent);
};

const undisclosed = (random: Random): Disclosure =>
  makeDisclosure(random(16), 'remark', 'no digest stands for this');

/** What an agency can sign that must not be believed. */
export const lies = {
  unsigned: noSignature,
  'wrong-key': wrongKey,
  'wrong-typ': wrongTyp,
  'other-forward': withClaims((_, random) => ({ in_reply_to: toBase64Url(random(16)) })),
  'wrong-inquiry': withClaims((claims) => ({ inq_id: otherId(claims['inq_id']) })),
  'wrong-request-hash': withClaims((_, random) => ({ req_s256: digest(random) })),
  expired: withClaims((claims) => ({
    iat: numberIn(claims, 'iat') - 600,
    exp: numberIn(claims, 'exp') - 600,
  })),
  'extra-field': withFields(({ declared, fields, answer, valueOf }) =>
    Object.fromEntries(
      declared
        .filter((name) => !fields.includes(name) && !(name in answer.result))
        .slice(0, 1)
        .map((name) => [name, valueOf(name)]),
    ),
  ),
  'undeclared-field': withFields(() => ({ favouriteColour: 'آبی' })),
  'bad-schema': withFields(({ declared }) =>
    Object.fromEntries(declared.slice(0, 1).map((name) => [name, ['no schema allows a list']])),
  ),
  'duplicate-disclosure': withDisclosures(({ claims, sent }, random) => {
    const [again = undisclosed(random)] = sent;
    const all = sent.length === 0 ? [again] : sent;
    return { claims, digests: all.map((one) => one.digest), sent: [...all, again] };
  }),
  'decoy-digest': withDisclosures((signed, random) => ({
    ...signed,
    digests: [...signed.digests, digest(random)],
  })),
  'missing-digest': withDisclosures((signed, random) => ({
    ...signed,
    sent: [...signed.sent, undisclosed(random)],
  })),
} as const satisfies Readonly<Record<string, Lie>>;
