import * as z from 'zod';
import { sha256Url } from '../kernel/bytes.ts';
import { type Clock, numericDate } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';
import type { ReceiptClaims, ResponseClaims } from '../message/claims.ts';
import { jwsPart } from '../message/framing.ts';
import type { KeyDirectory } from '../message/key.ts';
import { receiveReceipt, receiveResponse } from '../message/receive.ts';
import type { SignedRequest } from './sign-request.ts';
import { type FailedCheck, UntrustedReply } from './untrusted-reply.ts';

/** A receipt whose signature holds and which is about this counter's own request. */
export type CheckedReceipt = { readonly token: string; readonly claims: ReceiptClaims };

/** An agency's answer, signed by the agency, as the receipt names it. */
export type CheckedAnswer = {
  readonly token: string;
  readonly claims: ResponseClaims;
  /** The result, opened: what was disclosed and passed on. */
  readonly fields: JsonObject;
};

/** Whom to believe. */
export type Trust = {
  readonly participant: string;
  readonly exchangeId: string;
  readonly exchangeKeyOf: KeyDirectory;
  readonly now: Clock;
};

/** Runs a verification; its {@link Problem} becomes an {@link UntrustedReply} with that cause. */
const trusted = async <Result>(
  check: FailedCheck,
  verify: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await verify();
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new UntrustedReply(check, cause.detail, { cause });
  }
};

/**
 * Checks a receipt: the exchange's signature, that it is for this participant, and that it is about
 * one of `sent`. A retry's receipt names the token that was journalled, which is an earlier one; with
 * no `sent` (an inquiry of another day) only the id is compared.
 */
export const checkReceipt = async (
  token: string,
  inqId: string,
  sent: readonly Pick<SignedRequest, 'jti' | 's256'>[] | 'unknown',
  { participant, exchangeId, exchangeKeyOf, now }: Trust,
): Promise<CheckedReceipt> => {
  const receiver = { audience: participant, keyOf: exchangeKeyOf, now };
  const { claims } = await trusted('receipt-signature', () => receiveReceipt(token, receiver));
  const ours =
    sent === 'unknown' ||
    sent.some(({ jti, s256 }) => jti === claims.in_reply_to && s256 === claims.req_s256);
  if (claims.iss !== exchangeId || claims.inq_id !== inqId || !ours) {
    throw new UntrustedReply('receipt-not-ours', 'The receipt is about another request.');
  }
  return { token, claims };
};

const Issued = z.looseObject({ iat: z.int() });

/** The `iat` of a token that is not verified yet; 0 when it has none. */
const issuedAt = (token: string): number => {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  try {
    const json: unknown = JSON.parse(payload);
    return Issued.parse(json).iat;
  } catch {
    return 0;
  }
};

/** Keys as a time of issue can be held against them: that is in whole seconds, and so is their beginning. */
const inSeconds =
  (keyOf: KeyDirectory): KeyDirectory =>
  async (kid) => {
    const key = await keyOf(kid);
    return key && { ...key, notBefore: numericDate(key.notBefore) * 1000 };
  };

const closedDigests = (claims: ResponseClaims, opened: number): number =>
  (claims._sd?.length ?? 0) - opened;

/**
 * Checks an agency's answer against the receipt that came with it. It is judged at its own time of
 * issue: it may be a held one that has expired since, and that it is the right one is for the
 * receipt's `answer_s256` to say. Every digest is opened, or withheld by the receipt.
 */
export const checkAnswer = async (
  token: string,
  { claims: receipt }: CheckedReceipt,
  { id, keyOf }: { readonly id: string; readonly keyOf: KeyDirectory },
  { exchangeId }: Pick<Trust, 'exchangeId'>,
): Promise<CheckedAnswer> => {
  if (sha256Url(jwsPart(token)) !== receipt.answer_s256) {
    throw new UntrustedReply('answer-not-receipted', 'The receipt names another answer, or none.');
  }
  const issued = issuedAt(token) * 1000;
  const receiver = { audience: exchangeId, keyOf: inSeconds(keyOf), now: () => issued };
  const { claims, disclosures } = await trusted('answer-signature', () =>
    receiveResponse(token, receiver),
  );
  const withheld = receipt.withheld ?? [];
  const ours =
    claims.iss === id &&
    claims.inq_id === receipt.inq_id &&
    claims.req_s256 === receipt.req_s256 &&
    claims.outcome === receipt.outcome &&
    closedDigests(claims, disclosures.length) === withheld.length &&
    !disclosures.some(({ name }) => withheld.includes(name));
  if (!ours) throw new UntrustedReply('answer-not-ours', 'The answer is to another question.');
  const fields = Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));
  return { token, claims, fields };
};

const SubmitBody = z.strictObject({ receipt: z.string(), answer: z.string().optional() });

/** The body of an answered `POST /v1/inquiries`. */
export const readSubmitBody = (json: JsonValue | undefined): z.infer<typeof SubmitBody> => {
  const parsed = SubmitBody.safeParse(isJsonObject(json) ? json : undefined);
  if (parsed.success) return parsed.data;
  throw new UntrustedReply('shape', 'The body is not a receipt and an answer.');
};
