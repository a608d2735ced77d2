import { compactVerify, errors } from 'jose';
import type * as z from 'zod';
import { type Clock, numericDate } from '../kernel/clock.ts';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, parseStrictJson } from '../kernel/strict-json.ts';
import { signatureLength } from './algorithm.ts';
import { type Disclosure, openDisclosures } from './disclosure.ts';
import { type Framed, parseMessage } from './framing.ts';
import { isActive, type KeyDirectory, type VerificationKey } from './key.ts';
import type { MessageKind } from './kind.ts';
import { parseClaims } from './parse-claims.ts';

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

type Common = {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
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

/** Seconds by which clocks may differ (protocol.md §3). */
export const clockSkew = { ahead: 60, behind: 10 } as const;

const findKey = async (
  { header }: Framed,
  { kind, keyOf, now }: Pick<Expectation<never, never>, 'kind' | 'keyOf' | 'now'>,
): Promise<VerificationKey> => {
  const key = await keyOf(header.kid);
  if (key === undefined) throw new Problem('unknown-key', 'No key is registered under this kid.');
  if (key.alg !== header.alg) {
    throw new Problem('algorithm-not-allowed', `This key signs with ${key.alg} only.`);
  }
  if (!isActive(key, now())) {
    throw new Problem('key-not-active', 'The key is revoked, expired or not yet valid.');
  }
  const role = roleOf(key.owner);
  if (role === undefined || !kind.senders.includes(role)) {
    throw new Problem('wrong-role', `Only ${kind.senders.join(', ')} may send ${kind.typ}.`);
  }
  return key;
};

const verifySignature = async ({ jws, signature }: Framed, key: VerificationKey): Promise<void> => {
  const broken = 'The signature does not hold for this key and this text.';
  if (signature.length !== signatureLength) throw new Problem('signature-invalid', broken);
  try {
    await compactVerify(jws, key.key, { algorithms: [key.alg] });
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    throw new Problem('signature-invalid', broken, {}, { cause });
  }
};

const checkNames = (disclosures: readonly Disclosure[], names: readonly string[] | 'any'): void => {
  if (names === 'any') return;
  const all = disclosures.length === names.length;
  if (!all || disclosures.some(({ name }) => !names.includes(name))) {
    throw new Problem('disclosure-invalid', `Exactly these are disclosed: ${names.join(', ')}.`);
  }
};

const checkTimes = (
  { iat, exp, nbf }: Common,
  lifetime: MessageKind['maxLifetime'],
  now: number,
): void => {
  const latest = now + clockSkew.ahead;
  if (lifetime !== 'evidence' && exp !== undefined) {
    if (exp <= iat) {
      throw new Problem('invalid-claims', 'The message ends before it begins.', {
        errors: [{ pointer: '/exp', detail: 'must be later than iat' }],
      });
    }
    if (exp - iat > lifetime) {
      throw new Problem('lifetime-too-long', `From iat to exp at most ${lifetime} seconds.`);
    }
    if (now > exp + clockSkew.behind) throw new Problem('expired', 'The exp has passed.');
  }
  if (iat > latest || (nbf !== undefined && nbf > latest)) {
    throw new Problem('not-yet-valid', 'The iat or nbf lies in the future.');
  }
};

/**
 * Turns the bytes of a message into claims that can be relied on, or throws the {@link Problem} of
 * the first check that fails, in the order of protocol.md §5. Reads the key directory once, writes
 * nothing.
 */
export const verifyMessage = async <Claims extends Common, Facts>(
  text: string,
  expected: Expectation<Claims, Facts>,
): Promise<Verified<Claims, Facts>> => {
  const framed = parseMessage(text, expected.kind);
  const key = await findKey(framed, expected);
  await verifySignature(framed, key);
  const json = parseStrictJson(framed.payload);
  if (!isJsonObject(json)) throw new Problem('malformed', 'The claims are not a JSON object.');
  const disclosures = openDisclosures(json, framed.disclosures, expected.names !== 'any');
  checkNames(disclosures, expected.names);
  const claims = parseClaims(expected.claims, json);
  const opened = Object.fromEntries(disclosures.map(({ name, value }) => [name, value]));
  const facts = parseClaims(expected.facts, opened);
  if (claims.iss !== key.owner) {
    throw new Problem('issuer-key-mismatch', 'The iss is not the participant that owns the key.');
  }
  if (claims.aud !== expected.audience) {
    throw new Problem('wrong-audience', `The aud must be exactly ${expected.audience}.`);
  }
  checkTimes(claims, expected.kind.maxLifetime, numericDate(expected.now()));
  return { claims, facts, disclosures, key, jws: framed.jws };
};
