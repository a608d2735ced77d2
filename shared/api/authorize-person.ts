import { type Clock, numericDate } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonArray, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';
import { clockSkew } from '../message/claim-checks.ts';
import type { TaggedSubject } from '../oversight/tags.ts';
import { parseLegalId } from '../persian/legal-id.ts';
import { parseNationalId } from '../persian/national-id.ts';
import { bearerToken } from './authorize.ts';
import {
  type PersonAlgorithm,
  type PersonToken,
  type PersonType,
  readPersonToken,
} from './person-token.ts';

/** Whose tokens are taken, and how they name a person. */
export type PersonRules = {
  /** The exact `iss`. */
  readonly issuer: string;
  /** Must be, or be among, the `aud`. */
  readonly audience: string;
  readonly algorithms: readonly PersonAlgorithm[];
  /** The claim that holds the person's number. */
  readonly claim: string;
  readonly type: PersonType;
};

/** The keys that a provider publishes, to verify with. */
export type ProviderKeys = {
  /**
   * Resolves when the signature of a token holds. Rejects with `unknown-key`, `algorithm-not-allowed`
   * where the key is for another one, `signature-invalid`, and `identity-provider-unavailable` where
   * its keys cannot be had.
   */
  readonly verify: (token: PersonToken) => Promise<void>;
};

/** What persons are known by. */
export type PersonReceiver = {
  readonly rules: PersonRules;
  readonly keys: ProviderKeys;
  readonly now: Clock;
};

/** Seconds after which a token counts no longer, whatever it says itself: whoever looks was there just now. */
export const maxPersonAge = 3600;

const parsers = { 'ir-national-id': parseNationalId, 'ir-legal-id': parseLegalId } as const;

const seconds = (claims: JsonObject, name: string): number => {
  const value = claims[name];
  if (typeof value === 'number' && value >= 0) return value;
  throw new Problem('invalid-claims', `The token must hold ${name}, in seconds since 1970.`);
};

const checkTimes = (claims: JsonObject, now: number): void => {
  const [iat, exp] = [seconds(claims, 'iat'), seconds(claims, 'exp')];
  const nbf = claims['nbf'] === undefined ? iat : seconds(claims, 'nbf');
  const at = numericDate(now);
  if (Math.max(iat, nbf) > at + clockSkew.ahead) {
    throw new Problem('not-yet-valid', 'The token is not valid yet.');
  }
  if (at > exp + clockSkew.behind) throw new Problem('expired', 'The token has expired.');
  if (at > iat + maxPersonAge + clockSkew.behind) {
    throw new Problem('expired', 'The token was issued more than an hour ago: sign in again.');
  }
};

const isFor = (aud: JsonValue | undefined, audience: string): boolean =>
  aud !== undefined && isJsonArray(aud) ? aud.includes(audience) : aud === audience;

/**
 * The person that the claims of a verified token are about. Persian digits and what shows nothing are
 * folded; a number whose check digit is wrong is nobody's.
 */
const personIn = (claims: JsonObject, { claim, type }: PersonRules): TaggedSubject => {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  const parsed = typeof value === 'string' ? parsers[type](value) : undefined;
  if (parsed?.ok === true) return { type, value: parsed.value };
  throw new Problem('invalid-claims', `The token must name a person: ${claim} as ${type}.`);
};

/**
 * Who sends a token of an OpenID Connect provider (RFC 6750, RFC 9068): one of its own, for this exchange, signed
 * by a key that it publishes, no older than {@link maxPersonAge}. What is cheap is judged first: a
 * stranger's token asks nobody for a key. Throws the problem of the first rule that is broken;
 * `not-found` where there is no provider.
 */
export const authorizePerson = async (
  authorization: string | undefined,
  receiver: PersonReceiver | undefined,
): Promise<TaggedSubject> => {
  if (receiver === undefined) {
    throw new Problem('not-found', 'No provider that knows persons is connected here.');
  }
  const { rules, keys, now } = receiver;
  const text = bearerToken(authorization);
  if (text === undefined) {
    throw new Problem(
      'unauthenticated',
      'Send Authorization: Bearer with a token of the provider.',
    );
  }
  const token = readPersonToken(text, rules.algorithms);
  const { claims } = token;
  if (claims['iss'] !== rules.issuer) {
    throw new Problem('issuer-key-mismatch', `The iss must be exactly ${rules.issuer}.`);
  }
  await keys.verify(token);
  if (!isFor(claims['aud'], rules.audience)) {
    throw new Problem('wrong-audience', `The aud must be, or hold, ${rules.audience}.`);
  }
  checkTimes(claims, now());
  return personIn(claims, rules);
};
