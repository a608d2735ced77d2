import * as z from 'zod';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { RequestClaims } from '../message/claims.ts';
import type { Disclosure } from '../message/disclosure.ts';
import type { KeyDirectory } from '../message/key.ts';
import { kinds } from '../message/kind.ts';
import { openFacts, openSigned } from '../message/verify.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** One fact of one inquiry, and why it is opened. */
export type DisclosureQuestion = {
  readonly inquiry: string;
  readonly fact: 'subject' | 'params' | 'case' | 'operator';
  /** The number of the written order, without which nobody learns who was asked about. */
  readonly order?: string;
  readonly reason: string;
};

/** A fact that the counter did sign. */
export type CheckedFact = Pick<Disclosure, 'name' | 'value' | 'digest'> & {
  /** Who signed the request. */
  readonly by: string;
  /** The request with this one disclosure (RFC 9901): whoever has the counter's key can check it. */
  readonly evidence: string;
};

const Opened = z.looseObject({ disclosure: z.string(), request: z.string() });

const untrusted = (detail: string, cause?: unknown): UntrustedReply =>
  new UntrustedReply('disclosure-not-signed', detail, { cause });

/** Whether a key may still sign is no matter: what it signed stands in the log. */
const everActive =
  (keyOf: KeyDirectory): KeyDirectory =>
  async (kid) => {
    const key = await keyOf(kid);
    if (key === undefined) return undefined;
    return { ...key, status: 'active', notBefore: 0, notAfter: Number.MAX_SAFE_INTEGER };
  };

/**
 * Checks what the exchange says a fact is: the disclosure has to fit a digest that the counter signed, in
 * a request for that very inquiry. Throws {@link UntrustedReply}.
 */
export const checkFact = async (
  json: JsonValue,
  { inquiry, fact }: Pick<DisclosureQuestion, 'inquiry' | 'fact'>,
  keyOf: KeyDirectory,
): Promise<CheckedFact> => {
  const said = Opened.safeParse(json);
  if (!said.success) throw new UntrustedReply('shape', 'This is not an opened fact.');
  const evidence = `${said.data.request}~${said.data.disclosure}~`;
  const opening = { kind: kinds.request, keyOf: everActive(keyOf), now: () => 0 };
  try {
    const signed = await openSigned(evidence, opening);
    const [opened] = openFacts(signed, 'any');
    const claims = RequestClaims.parse(signed.json);
    if (opened?.name !== fact || claims.inq.id !== inquiry || claims.iss !== signed.key.owner) {
      throw untrusted('The fact is of another name, or of another request.');
    }
    const { name, value, digest } = opened;
    return { name, value, digest, by: claims.iss, evidence };
  } catch (cause) {
    if (!(cause instanceof Problem || cause instanceof z.ZodError)) throw cause;
    throw untrusted('The counter did not sign this fact.', cause);
  }
};

/** Opens one fact, which is on record, and checks it. Throws as {@link checkFact} does. */
export const openFact = async (
  post: (target: string, question: JsonObject) => Promise<JsonValue>,
  question: DisclosureQuestion,
  keyOf: KeyDirectory,
): Promise<CheckedFact> =>
  checkFact(await post(targetOf('openDisclosure', {}), { ...question }), question, keyOf);
