import { compactVerify, errors } from 'jose';
import type * as z from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../kernel/strict-json.ts';
import { signatureLength } from './algorithm.ts';
import { asCheck, refusalOf } from './checks.ts';
import { type Common, checkClaims } from './claim-checks.ts';
import { parseAsClaims, parseAsFacts } from './claims-form.ts';
import { type Disclosure, openDisclosures } from './disclosure.ts';
import { type Framed, parseMessage } from './framing.ts';
import { isActive, type KeyDirectory, type VerificationKey } from './key.ts';
import type { MessageKind } from './kind.ts';

/** A message whose signature, disclosures, claims, owner, audience and times all hold. */
export type Verified<Claims, Facts = unknown> = {
  readonly claims: Claims;
  /** What the disclosures say, by their names. */
  readonly facts: Facts;
  readonly disclosures: readonly Disclosure[];
  readonly key: VerificationKey;
  /** The signed part, verbatim: what is kept as evidence. */
  readonly jws: string;
};

export type Expectation<Claims extends Common, Facts> = {
  readonly kind: MessageKind;
  readonly claims: z.ZodType<Claims>;
  /** The exact `aud`. */
  readonly audience: string;
  /** The names a message of this kind opens: all of these and no other, or any. */
  readonly names: readonly string[] | 'any';
  readonly facts: z.ZodType<Facts>;
  readonly keyOf: KeyDirectory;
  readonly now: Clock;
};

const findKey = async (
  { header }: Framed,
  { kind, keyOf, now }: Pick<Expectation<never, never>, 'kind' | 'keyOf' | 'now'>,
): Promise<VerificationKey> => {
  const key = await keyOf(header.kid);
  if (key === undefined) throw refusalOf('key-registered');
  if (key.alg !== header.alg) throw refusalOf('key-alg', `This key signs with ${key.alg} only.`);
  if (!isActive(key, now())) throw refusalOf('key-active');
  const role = roleOf(key.owner);
  if (role === undefined || !kind.senders.includes(role)) {
    throw refusalOf('sender-role', `Only ${kind.senders.join(', ')} may send ${kind.typ}.`);
  }
  return key;
};

const verifySignature = async ({ jws, signature }: Framed, key: VerificationKey): Promise<void> => {
  if (signature.length !== signatureLength) throw refusalOf('signature-length');
  try {
    await compactVerify(jws, key.key, { algorithms: [key.alg] });
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    throw refusalOf('signature', undefined, {}, { cause });
  }
};

const readObject = ({ payload }: Framed): JsonObject => {
  const json = asCheck('claims-json', () => parseStrictJson(payload));
  if (!isJsonObject(json)) throw refusalOf('claims-object');
  return json;
};

/** A message that its signer did sign, whatever it may say. */
export type Signed = {
  readonly framed: Framed;
  readonly key: VerificationKey;
  /** The claims as they stand. */
  readonly json: JsonObject;
};

type Opening = Pick<Expectation<never, never>, 'kind' | 'keyOf' | 'now'>;

/**
 * The first part of the checks, each of which stands on the one before: from the bytes to claims
 * that are signed. Reads the key directory once. What is refused once the signature holds says who
 * signed it, in the problem's `by`.
 */
export const openSigned = async (text: string, opening: Opening): Promise<Signed> => {
  const framed = parseMessage(text, opening.kind);
  const key = await findKey(framed, opening);
  await verifySignature(framed, key);
  return { framed, key, json: signedBy(key, () => readObject(framed)) };
};

/** The second part: the disclosures, opened. */
export const openFacts = (
  { json, framed }: Pick<Signed, 'json' | 'framed'>,
  names: readonly string[] | 'any',
): readonly Disclosure[] => {
  const disclosures = openDisclosures(json, framed.disclosures, names !== 'any');
  if (names === 'any') return disclosures;
  const all = disclosures.length === names.length;
  if (!all || disclosures.some(({ name }) => !names.includes(name))) {
    throw refusalOf('disclosed-names', `Exactly these are disclosed: ${names.join(', ')}.`);
  }
  return disclosures;
};

/** What disclosures say, by their names. */
export const factsIn = (disclosures: readonly Disclosure[]): JsonObject =>
  Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));

/** Gives what is refused the name of whoever signed the message. */
const signedBy = <Result>({ owner }: VerificationKey, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { name, detail, extras, cause } = error;
    throw new Problem(name, detail, { ...extras, by: owner }, { cause });
  }
};

/**
 * Turns the bytes of a message into claims that can be relied on, or throws the {@link Problem} of
 * the first check that fails, in the order of protocol.md §5 and of checks.ts. Reads the key
 * directory once, writes nothing.
 */
export const verifyMessage = async <Claims extends Common, Facts>(
  text: string,
  expected: Expectation<Claims, Facts>,
): Promise<Verified<Claims, Facts>> => {
  const signed = await openSigned(text, expected);
  const { key, json, framed } = signed;
  return signedBy(key, () => {
    const disclosures = openFacts(signed, expected.names);
    const claims = parseAsClaims(expected.claims, json);
    const facts = parseAsFacts(expected.facts, factsIn(disclosures));
    checkClaims(claims, { ...expected, owner: key.owner, now: expected.now() });
    return { claims, facts, disclosures, key, jws: framed.jws };
  });
};
