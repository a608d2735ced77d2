import { v7 } from 'uuid';
import { sha256Url, toBase64Url } from '../kernel/bytes.ts';
import { type Clock, numericDate } from '../kernel/clock.ts';
import { InquiryId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { namesCounter, type presences } from '../message/claims.ts';
import { type Disclosure, makeDisclosure } from '../message/disclosure.ts';
import { jwsPart } from '../message/framing.ts';
import type { Signer } from '../message/key.ts';
import { kinds } from '../message/kind.ts';
import { signSdJwt } from '../message/sign.ts';
import type { SubjectInput } from '../persian/subject-input.ts';
import { foldSubject, foldTexts } from './fold-question.ts';

/** Random bytes from the system's source. */
export type Random = (length: number) => Uint8Array;

/** One inquiry as a counter means it. */
export type Question = {
  /** The counter that a guild or a software house asks for; a counter asks for itself. */
  readonly for?: string;
  /** For example `civil-registry/identity@1`. */
  readonly service: string;
  readonly purpose: string;
  /** The code of the legal basis. */
  readonly basis: string;
  readonly station: string;
  readonly presence: (typeof presences)[number];
  /** Gapless from 1 per signer and station: a delegate counts its own, whomever it asks for. */
  readonly seq: number;
  readonly subject: SubjectInput;
  readonly params: JsonObject;
  readonly case: string;
  readonly operator: string;
};

/** What every token of one inquiry repeats, so that a retry is known as one (protocol.md §6). */
export type Draft = {
  readonly inq: JsonObject & { readonly id: InquiryId; readonly service: string };
  readonly disclosures: readonly Disclosure[];
};

/** Who signs, and for which exchange. */
export type Asker = {
  readonly participant: string;
  readonly signer: Signer;
  /** The exact `aud`: the exchange's origin and `/v1/inquiries`. */
  readonly audience: string;
  readonly now: Clock;
  readonly random: Random;
};

/** A signed request, and what its receipt must name. */
export type SignedRequest = {
  /** The whole text that travels. */
  readonly token: string;
  /** Its signed part, free of personal data. */
  readonly jws: string;
  readonly inqId: InquiryId;
  readonly jti: string;
  readonly s256: string;
};

const unnamed = (): Problem =>
  new Problem('invalid-claims', 'Nothing was sent: it is not said for which counter.', {
    errors: [
      { pointer: '/inq/for', detail: 'names the counter, where a guild or a software house asks' },
    ],
  });

/** Seconds one token may be used. A retry signs a fresh one. */
const requestLifetime = 60;

/**
 * Gives a question its id and salts. The exchange takes the id for 10 s only, so send it at once.
 * Throws `invalid-claims` when it is not told which counter it is for, or it is for another.
 */
export const draftInquiry = (
  question: Question,
  { participant, now, random }: Pick<Asker, 'participant' | 'now' | 'random'>,
): Draft => {
  const { subject, params, case: reference, operator, ...inq } = question;
  if (!namesCounter({ iss: participant, inq })) throw unnamed();
  const facts: Readonly<Record<string, JsonValue>> = {
    subject: foldSubject(subject),
    params: foldTexts(params),
    case: reference,
    operator,
  };
  const id = InquiryId.parse(v7({ msecs: now(), random: random(16) }));
  const disclosures = Object.entries(facts).map(([name, value]) =>
    makeDisclosure(random(16), name, value),
  );
  return { inq: { id, ...inq }, disclosures };
};

/** Signs a draft under a fresh `jti`: once to ask, again for each retry. */
export const signDraft = async (draft: Draft, asker: Asker): Promise<SignedRequest> => {
  const { participant, signer, audience, now, random } = asker;
  const iat = numericDate(now());
  const jti = toBase64Url(random(16));
  const claims = {
    iss: participant,
    aud: audience,
    iat,
    exp: iat + requestLifetime,
    jti,
    inq: draft.inq,
  };
  const token = await signSdJwt(kinds.request, claims, draft.disclosures, signer);
  const jws = jwsPart(token);
  return { token, jws, inqId: draft.inq.id, jti, s256: sha256Url(jws) };
};

/** A question straight to the token that asks it. */
export const signRequest = (question: Question, asker: Asker): Promise<SignedRequest> =>
  signDraft(draftInquiry(question, asker), asker);
