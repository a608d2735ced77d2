import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import {
  buildRequest,
  disclosureOf,
  type Overrides,
  rawDisclosure,
  requestFactsExample,
  saltText,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { requestOf, requestWithJwsOf } from '#tests/support/sizes.ts';
import { bentRequest, type HostileContext } from './hostile/row.ts';
import { mapScalars, p256Order } from './hostile/signature.ts';

export type AllowedToken = {
  readonly name: string;
  readonly build: (context: HostileContext) => Promise<string>;
};

const bent = (name: string, overrides: Overrides): AllowedToken => ({
  name,
  build: (context) => bentRequest(context, overrides),
});

const facts = (name: string, change: JsonObject): AllowedToken =>
  bent(name, { facts: { ...requestFactsExample, ...change } });

const rewritten = (name: string, change: (json: string) => string): AllowedToken =>
  bent(name, {
    disclosures: (texts) =>
      texts.map((text) => rawDisclosure(change(Buffer.from(text, 'base64url').toString()))),
  });

const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);

/**
 * The other side of each border in hostile-tokens.ts: strange, allowed, and to be accepted by
 * `receiveRequest`. None depends on the second in which it arrives; see times-edge.test.ts for those.
 */
export const allowedTokens: readonly AllowedToken[] = [
  bent('an honest ES256 request', {}),
  bent('a request that names a counter with a name of 52 characters', {
    claims: withInquiry({ for: `counter:${'1'.repeat(52)}` }),
  }),
  {
    name: 'an honest Ed25519 request',
    build: ({ edKey, now, audience }) => buildRequest({ key: edKey, now, audience }),
  },
  {
    name: 'a JWS of 4096 characters',
    build: ({ key, now, audience }) => requestWithJwsOf(4096, { key, now, audience }),
  },
  {
    name: 'a message of 65536 characters',
    build: ({ key, now, audience }) => requestOf(65_536, { key, now, audience }),
  },
  bent('(r, n − s): valid ECDSA; the rule of replay sees it', {
    signature: mapScalars((r, s) => [r, p256Order - s]),
  }),
  bent('a header with white space', { headerText: (json) => `\t${json.replaceAll(',', ' ,\n')} ` }),
  bent('a header in another order', {
    header: (header) => Object.fromEntries(Object.entries(header).toReversed()),
  }),
  bent('an escaped typ', { headerText: (json) => json.replace('inq-', '\\u0069nq-') }),
  bent('claims with white space', { payload: (json) => ` ${json.replaceAll(':{', ' :\r\n{')}\n` }),
  bent('claims with escapes', { payload: (json) => json.replace('"aud"', '"\\u0061ud"') }),
  bent('_sd_alg sha-256', { claims: withMembers({ _sd_alg: 'sha-256' }) }),
  bent('an nbf in the past', { claims: withMembers({ nbf: 0 }) }),
  bent('a jti of 16 characters', { claims: withMembers({ jti: 'A'.repeat(16) }) }),
  bent('a jti of 64 characters', { claims: withMembers({ jti: '-_'.repeat(32) }) }),
  bent('seq 1', { claims: withInquiry({ seq: 1 }) }),
  bent('a purpose with eight digits', { claims: withInquiry({ purpose: 'law-1354-07-12' }) }),
  bent('seq 2^53 - 1', { claims: withInquiry({ seq: Number.MAX_SAFE_INTEGER }) }),
  bent('a station of 64 characters', { claims: withInquiry({ station: 'a'.repeat(64) }) }),
  bent('a station with seven digits', { claims: withInquiry({ station: 'a-1234567' }) }),
  bent('presence proxy', { claims: withInquiry({ presence: 'proxy' }) }),
  bent('presence none', { claims: withInquiry({ presence: 'none' }) }),
  bent('disclosures in another order', { sent: (texts) => texts.toReversed() }),
  rewritten('disclosures with white space', (json) => ` ${json.replaceAll(',', ' , ')}\n`),
  rewritten('disclosures with escapes', (json) => json.replace('"operator"', '"\\u006fperator"')),
  bent('salts of 22 and of 86 characters', {
    disclosures: () =>
      Object.entries(requestFactsExample).map(([name, value], index) =>
        disclosureOf([index === 0 ? 'A'.repeat(86) : saltText(), name, value]),
      ),
  }),
  facts('empty params', { params: {} }),
  facts('params with the largest and the smallest integer', {
    params: { most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER },
  }),
  facts('params of 16 levels with the disclosure itself', { params: { a: nested(14) } }),
  facts('params with a name of 41 characters', { params: { ['a'.repeat(41)]: null } }),
  facts('params with a name from Object.prototype', { params: { constructor: 1, toString: 2 } }),
  facts('a case of one character', { case: '۱' }),
  facts('a case of 128 characters', { case: 'پ'.repeat(128) }),
  facts('an operator in Persian, with a zero-width non-joiner', { operator: 'می\u200cنا 😀' }),
  facts('a legal id', { subject: { type: 'ir-legal-id', value: '10380284790' } }),
  facts('a postal code', { subject: { type: 'ir-postal-code', value: '1234567890' } }),
  facts('a plate', {
    subject: {
      type: 'ir-plate',
      value: { two: '12', letter: 'ب', three: '345', region: '67' },
    },
  }),
];
