import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import {
  inquiryIdAt,
  requestFactsExample,
  withInquiry,
  withMembers,
  withText,
  withTimes,
} from '#tests/support/messages.ts';
import { bent, bentRequest, type HostileToken, made, type Refusal } from './row.ts';

type Change = Readonly<Record<string, JsonValue | undefined>>;

const claims = (problem: Refusal, name: string, change: Change): HostileToken =>
  bent(problem, name, { claims: withMembers(change) });

const wrong = (name: string, change: Change): HostileToken =>
  claims('invalid-claims', name, change);

const inquiry = (name: string, change: Change): HostileToken =>
  bent('invalid-claims', `inq: ${name}`, { claims: withInquiry(change) });

const fact = (name: string, change: JsonObject): HostileToken =>
  bent('invalid-claims', `fact: ${name}`, { facts: { ...requestFactsExample, ...change } });

const subject = (name: string, type: JsonValue, value: JsonValue): HostileToken =>
  fact(`subject ${name}`, { subject: { type, value } });

/** Times relative to the exchange's clock, in seconds. */
const times = (
  problem: Refusal,
  name: string,
  offsets: { readonly iat: number; readonly exp: number; readonly nbf?: number },
): HostileToken =>
  made(problem, `times: ${name}`, (context) => {
    const now = Math.floor(context.now / 1000);
    return bentRequest(context, { claims: withTimes(now, offsets) });
  });

const presence: readonly HostileToken[] = [
  ...['iss', 'aud', 'iat', 'exp', 'jti', 'inq'].map((name) =>
    wrong(`no ${name}`, { [name]: undefined }),
  ),
  ...['id', 'seq', 'service', 'purpose', 'basis', 'station', 'presence'].map((name) =>
    inquiry(`no ${name}`, { [name]: undefined }),
  ),
  wrong('one claim more: sub', { sub: 'counter:72110345' }),
  wrong('one claim more: cnf', { cnf: { kid: 'A' } }),
  wrong('one claim more: vct', { vct: 'https://credentials.example/identity' }),
  wrong('one claim more: constructor', { constructor: 1 }),
  wrong('one claim more, with an empty name', { '': 1 }),
  wrong('claims of another kind of message', { outcome: 'MATCH' }),
  inquiry('one member more', { operator: 'operator-7' }),
  inquiry('a subject in the clear', { subject: { type: 'ir-national-id', value: '0499370899' } }),
];

const types: readonly HostileToken[] = [
  wrong('iss a number', { iss: 72110345 }),
  wrong('iss in an array', { iss: ['counter:72110345'] }),
  wrong('iat a string', { iat: '1800000000' }),
  wrong('exp a string', { exp: '1800000060' }),
  wrong('exp null', { exp: null }),
  wrong('exp true', { exp: true }),
  wrong('iat negative', { iat: -1 }),
  wrong('nbf a string', { nbf: '0' }),
  wrong('nbf null', { nbf: null }),
  wrong('nbf negative', { nbf: -1 }),
  wrong('jti a number', { jti: 1_234_567_890_123_456 }),
  wrong('inq null', { inq: null }),
  wrong('inq a string', { inq: '{}' }),
  wrong('inq empty', { inq: {} }),
  bent('invalid-claims', 'inq in an array', {
    claims: (honest) => ({ ...honest, inq: [honest['inq'] ?? null] }),
  }),
];

const jtis: readonly HostileToken[] = [
  wrong('jti of 15 characters', { jti: 'A'.repeat(15) }),
  wrong('jti of 65 characters', { jti: 'A'.repeat(65) }),
  wrong('jti empty', { jti: '' }),
  wrong('jti with a slash', { jti: `${'A'.repeat(20)}/` }),
  wrong('jti with a dot', { jti: `${'A'.repeat(20)}.` }),
  wrong('jti with a hash', { jti: `${'A'.repeat(20)}#` }),
  wrong('jti with a line feed behind it', { jti: `${'A'.repeat(20)}\n` }),
  wrong('jti with a NUL', { jti: `${'A'.repeat(20)}\0` }),
  wrong('jti in Persian digits', { jti: '۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹۰' }),
];

const issuers: readonly HostileToken[] = [
  claims('issuer-key-mismatch', 'iss another counter', { iss: 'counter:99999999' }),
  claims('issuer-key-mismatch', 'iss an agency', { iss: 'agency:civil-registry' }),
  claims('issuer-key-mismatch', 'iss the exchange', { iss: 'exchange:estelam' }),
  bent('issuer-key-mismatch', 'iss with one character more', {
    claims: withText('iss', (iss) => `${iss}0`),
  }),
  bent('invalid-claims', 'iss in capitals', {
    claims: withText('iss', (iss) => iss.toUpperCase()),
  }),
  bent('invalid-claims', 'iss with a space behind it', {
    claims: withText('iss', (iss) => `${iss} `),
  }),
  bent('invalid-claims', 'iss with a line feed behind it', {
    claims: withText('iss', (iss) => `${iss}\n`),
  }),
  wrong('iss without a role', { iss: '72110345' }),
  wrong('iss of an unknown role', { iss: 'citizen:72110345' }),
  wrong('iss with Persian digits', { iss: 'counter:۷۲۱۱۰۳۴۵' }),
  wrong('iss a path', { iss: 'counter:../../agency' }),
];

const elsewhere = (name: string, change: (aud: string) => string): HostileToken =>
  made('wrong-audience', `aud ${name}`, (context) =>
    bentRequest({ ...context, audience: change(context.audience) }),
  );

const otherScheme = (url: string): string =>
  url.startsWith('https:') ? url.replace('https:', 'http:') : url.replace('http:', 'https:');

const audiences: readonly HostileToken[] = [
  elsewhere('with a slash behind it', (aud) => `${aud}/`),
  elsewhere('in capitals', (aud) => aud.toUpperCase()),
  elsewhere('with a capital in the path', (aud) => aud.replace('/v1/i', '/v1/I')),
  elsewhere('of the other scheme', otherScheme),
  elsewhere('a prefix', (aud) => aud.slice(0, -1)),
  elsewhere('the origin alone', (aud) => new URL(aud).origin),
  elsewhere('with a query', (aud) => `${aud}?`),
  elsewhere('with a fragment', (aud) => `${aud}#`),
  elsewhere('with a space behind it', (aud) => `${aud} `),
  elsewhere('with a NUL behind it', (aud) => `${aud}\0`),
  elsewhere('with a dot segment', (aud) => aud.replace('/v1/', '/v1/./')),
  elsewhere('with a percent-encoded letter', (aud) => aud.replace('/v1/i', '/v1/%69')),
  elsewhere('with a user', (aud) => aud.replace('://', '://user@')),
  elsewhere('of another host', () => 'https://attacker.example/v1/inquiries'),
  elsewhere('of the answers', (aud) => aud.replace('/v1/inquiries', '/v1/answers')),
  elsewhere('a participant', () => 'exchange:estelam'),
  elsewhere('a wildcard', () => '*'),
  made('invalid-claims', 'aud in an array of one', (context) =>
    bentRequest(context, { claims: withMembers({ aud: [context.audience] }) }),
  ),
  made('invalid-claims', 'aud in an array of two', (context) =>
    bentRequest(context, {
      claims: withMembers({ aud: [context.audience, 'https://attacker.example/'] }),
    }),
  ),
  wrong('aud empty', { aud: '' }),
  wrong('aud null', { aud: null }),
  wrong('aud of 513 characters', { aud: 'a'.repeat(513) }),
];

/**
 * Each stays wrong while the exchange's clock moves on during the call; the exact seconds are in
 * times-edge.test.ts, where the clock stands still.
 */
const clocks: readonly HostileToken[] = [
  times('expired', 'expired 11 seconds ago', { iat: -71, exp: -11 }),
  times('expired', 'expired a day ago', { iat: -86_460, exp: -86_400 }),
  claims('expired', 'times: of 1970', { iat: 0, exp: 60 }),
  times('lifetime-too-long', '301 seconds', { iat: 0, exp: 301 }),
  times('lifetime-too-long', '301 seconds that began in the past', { iat: -200, exp: 101 }),
  times('lifetime-too-long', 'a year', { iat: 0, exp: 31_536_000 }),
  claims('lifetime-too-long', 'times: exp as large as can be', { exp: Number.MAX_SAFE_INTEGER }),
  claims('lifetime-too-long', 'times: iat of 1970', { iat: 0 }),
  times('not-yet-valid', 'iat two minutes ahead', { iat: 120, exp: 180 }),
  times('not-yet-valid', 'iat in milliseconds', { iat: 1_799_000_000_000, exp: 1_799_000_000_060 }),
  times('not-yet-valid', 'nbf two minutes ahead', { iat: 0, exp: 200, nbf: 120 }),
  claims('not-yet-valid', 'times: nbf as large as can be', { nbf: Number.MAX_SAFE_INTEGER }),
  times('invalid-claims', 'exp is iat', { iat: 0, exp: 0 }),
  times('invalid-claims', 'exp before iat', { iat: 0, exp: -1 }),
];

const uuid7 = inquiryIdAt(1_800_000_000_000);

const inquiryIds: readonly HostileToken[] = [
  inquiry('id a UUIDv4', { id: randomUUID() }),
  inquiry('id in capitals', { id: uuid7.toUpperCase() }),
  inquiry('id in braces', { id: `{${uuid7}}` }),
  inquiry('id as a URN', { id: `urn:uuid:${uuid7}` }),
  inquiry('id without hyphens', { id: uuid7.replaceAll('-', '') }),
  inquiry('id of another variant', {
    id: uuid7.replace(/-[0-9a-f]{4}-([0-9a-f]{12})$/, '-c000-$1'),
  }),
  inquiry('id with a line feed behind it', { id: `${uuid7}\n` }),
  inquiry('id of nothing but zeros', { id: '00000000-0000-0000-0000-000000000000' }),
  inquiry('id of nothing but ones', { id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }),
  inquiry('id in Persian digits', { id: uuid7.replaceAll('0', '۰') }),
  inquiry('id a number', { id: 1 }),
];

const forOthers: readonly HostileToken[] = [
  inquiry('for an agency', { for: 'agency:civil-registry' }),
  inquiry('for a software house', { for: 'vendor:rayan' }),
  inquiry('for the exchange', { for: 'exchange:estelam' }),
  inquiry('for everybody', { for: 'counter:*' }),
  inquiry('for a counter without a name', { for: 'counter:' }),
  inquiry('for a counter with a name of 53 characters', { for: `counter:${'1'.repeat(53)}` }),
  inquiry('for a long text', { for: 'counter:72110345'.repeat(60) }),
  inquiry('for a counter in capitals', { for: 'COUNTER:72110345' }),
  inquiry('for a counter in Persian digits', { for: 'counter:۷۲۱۱۰۳۴۵' }),
  inquiry('for a counter with a space behind it', { for: 'counter:72110345 ' }),
  inquiry('for a counter with a line feed behind it', { for: 'counter:72110345\n' }),
  inquiry('for two counters', { for: ['counter:72110345', 'counter:72110346'] }),
  inquiry('for nobody: null', { for: null }),
  inquiry('for nobody: an empty text', { for: '' }),
];

const inquiries: readonly HostileToken[] = [
  ...inquiryIds,
  inquiry('seq zero', { seq: 0 }),
  inquiry('seq negative', { seq: -1 }),
  inquiry('seq a string', { seq: '1842' }),
  inquiry('seq null', { seq: null }),
  inquiry('service without a version', { service: 'civil-registry/identity' }),
  inquiry('service of version 0', { service: 'civil-registry/identity@0' }),
  inquiry('service of version 1.0', { service: 'civil-registry/identity@1.0' }),
  inquiry('service in capitals', { service: 'Civil-Registry/identity@1' }),
  inquiry('service a path', { service: 'civil-registry/../identity@1' }),
  inquiry('service with a space', { service: 'civil-registry/identity@1 ' }),
  inquiry('service in an array', { service: ['civil-registry/identity@1'] }),
  inquiry('purpose empty', { purpose: '' }),
  inquiry('purpose in capitals', { purpose: 'Pension' }),
  inquiry('purpose in Persian', { purpose: 'بازنشستگی' }),
  inquiry('purpose of 65 characters', { purpose: 'a'.repeat(65) }),
  inquiry('purpose that holds a national id', { purpose: 'id-0499370899' }),
  inquiry('purpose with nine digits', { purpose: 'a-123456789' }),
  inquiry('station that spells a national id in pieces', { station: 'till-0499370-899' }),
  inquiry('basis a number', { basis: 12 }),
  inquiry('basis with two hyphens', { basis: 'civil--code' }),
  inquiry('station that holds a national id', { station: 'till0499370899' }),
  inquiry('station with a line feed', { station: 'till-3\n' }),
  inquiry('station null', { station: null }),
  inquiry('presence unknown', { presence: 'remote' }),
  inquiry('presence in capitals', { presence: 'IN-PERSON' }),
  inquiry('presence true', { presence: true }),
  ...forOthers,
];

const facts: readonly HostileToken[] = [
  subject('in Persian digits', 'ir-national-id', '۰۴۹۹۳۷۰۸۹۹'),
  subject('in Arabic digits', 'ir-national-id', '٠٤٩٩٣٧٠٨٩٩'),
  subject('with a wrong check digit', 'ir-national-id', '0684159415'),
  subject('of ten equal digits', 'ir-national-id', '2222222222'),
  subject('of nine digits', 'ir-national-id', '499370899'),
  subject('with hyphens', 'ir-national-id', '049-937089-9'),
  subject('with a space behind it', 'ir-national-id', '0499370899 '),
  subject('with a zero-width non-joiner', 'ir-national-id', '0499370899\u200c'),
  subject('a number', 'ir-national-id', 1_583_250_689),
  subject('of an unknown type', 'ir-passport', '0499370899'),
  subject('of a type in capitals', 'IR-NATIONAL-ID', '0499370899'),
  subject('of a type that is not a string', ['ir-national-id'], '0499370899'),
  subject('a legal id under national id', 'ir-national-id', '10380284790'),
  subject('a national id under legal id', 'ir-legal-id', '0499370899'),
  subject('a legal id with a wrong check digit', 'ir-legal-id', '10380284792'),
  subject('a postal code of nine digits', 'ir-postal-code', '123456789'),
  subject('a plate as one string', 'ir-plate', '12ب345-67'),
  subject('a plate with a Latin letter', 'ir-plate', {
    two: '12',
    letter: 'B',
    three: '345',
    region: '67',
  }),
  subject('whose value is null', 'ir-national-id', null),
  fact('subject a string', { subject: '0499370899' }),
  fact('subject null', { subject: null }),
  fact('subject without a type', { subject: { value: '0499370899' } }),
  fact('subject with one member more', {
    subject: { type: 'ir-national-id', value: '0499370899', name: 'x' },
  }),
  fact('params an array', { params: [] }),
  fact('params null', { params: null }),
  fact('params a string', { params: '{}' }),
  fact('params with an empty name', { params: { '': 1 } }),
  fact('params with a name in Persian', { params: { تاریخ: 1 } }),
  fact('params with a name that holds a dot', { params: { 'a.b': 1 } }),
  fact('params with a name of 42 characters', { params: { ['a'.repeat(42)]: 1 } }),
  fact('case empty', { case: '' }),
  fact('case a number', { case: 1842 }),
  fact('case of 129 characters', { case: 'a'.repeat(129) }),
  fact('operator null', { operator: null }),
  fact('operator an object', { operator: { id: 'operator-7' } }),
];

/** Strict JSON, rightly signed, and not what a request says (protocol.md §3). */
export const hostileClaims: readonly HostileToken[] = [
  ...presence,
  ...types,
  ...jtis,
  ...issuers,
  ...audiences,
  ...clocks,
  ...inquiries,
  ...facts,
];
