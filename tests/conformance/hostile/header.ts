import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { buildRequest, registered, withMembers, withText } from '#tests/support/messages.ts';
import { bent, type HostileContext, type HostileToken, made, type Refusal } from './row.ts';

const added = (name: string, value: JsonValue): HostileToken =>
  bent('header-not-allowed', `the header member ${name}: ${JSON.stringify(value)}`, {
    header: (header) => ({ ...header, [name]: value }),
  });

const header = (
  problem: Refusal,
  name: string,
  change: Readonly<Record<string, JsonValue | undefined>>,
): HostileToken => bent(problem, name, { header: withMembers(change) });

const headerText = (name: string, change: (json: string) => string | Uint8Array): HostileToken =>
  bent('malformed', name, { headerText: change });

/** Without `d`: the attack is a header that brings its own key to be verified with. */
const ownKey = ({ unregistered }: HostileContext): JsonObject => ({ ...unregistered.jwk });

const members: readonly HostileToken[] = [
  made('header-not-allowed', 'the header member jwk, and signed with that key', (context) => {
    const { key, unregistered, now, audience } = context;
    return buildRequest({
      key: { ...unregistered, owner: key.owner },
      now,
      audience,
      header: (honest) => ({ ...honest, kid: key.kid, jwk: ownKey(context) }),
    });
  }),
  added('jku', 'https://attacker.example/keys.json'),
  added('x5u', 'https://attacker.example/chain.pem'),
  added('x5c', ['MIIB']),
  added('x5t', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA'),
  added('x5t#S256', 'A'.repeat(43)),
  added('crit', ['exp']),
  added('crit', []),
  added('b64', false),
  added('b64', true),
  added('zip', 'DEF'),
  added('enc', 'A128GCM'),
  added('cty', 'json'),
  added('cty', 'JWT'),
  added('iss', 'counter:72110345'),
  added('exp', 1),
  added('nonce', 'A'),
  added('url', 'https://exchange.example/'),
  added('trust_chain', []),
  added('', ''),
  added('Alg', 'none'),
  header('header-not-allowed', 'b64 false and critical (RFC 7797)', { b64: false, crit: ['b64'] }),
  header('header-not-allowed', 'no alg', { alg: undefined }),
  header('header-not-allowed', 'no kid', { kid: undefined }),
  header('header-not-allowed', 'no typ', { typ: undefined }),
  header('header-not-allowed', 'jwk in the place of kid', { kid: undefined, jwk: {} }),
  bent('header-not-allowed', 'an empty header', { header: () => ({}) }),
];

const json: readonly HostileToken[] = [
  headerText('a header that is no JSON', () => 'alg=ES256'),
  headerText('a header that is an array', (text) => `[${text}]`),
  headerText('a header that is a string', (text) => JSON.stringify(text)),
  headerText('a header that is null', () => 'null'),
  headerText('a header that is a number', () => '1'),
  headerText('an empty header segment', () => ''),
  headerText('two headers in one', (text) => text + text),
  headerText('alg twice, the first none', (text) => text.replace('{', '{"alg":"none",')),
  headerText('alg twice, the last none', (text) => text.replace('}', ',"alg":"none"}')),
  headerText('kid twice', (text) => text.replace('{', `{"kid":"${'A'.repeat(43)}",`)),
  headerText('typ twice, both right', (text) => text.replace('}', ',"typ":"inq-request+sd-jwt"}')),
  headerText('alg twice, once escaped', (text) => text.replace('{', '{"\\u0061lg":"none",')),
  headerText('__proto__ in the header', (text) => text.replace('{', '{"__proto__":{},')),
  headerText('a comma behind the last member', (text) => text.replace('}', ',}')),
  headerText('a comment in the header', (text) => text.replace('{', '{/**/')),
  headerText('single quotes in the header', (text) => text.replaceAll('"', "'")),
  headerText('a byte order mark in the header', (text) => `\ufeff${text}`),
  headerText('UTF-16 in the header', (text) => Buffer.from(text, 'utf16le')),
  headerText('the byte FF in the header', (text) =>
    Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')]),
  ),
];

const typs: readonly HostileToken[] = [
  header('wrong-typ', 'typ in capitals', { typ: 'INQ-REQUEST+SD-JWT' }),
  header('wrong-typ', 'typ with one capital', { typ: 'inq-request+sd-JWT' }),
  header('wrong-typ', 'typ with application/ before it', { typ: 'application/inq-request+sd-jwt' }),
  header('wrong-typ', 'typ with a space behind it', { typ: 'inq-request+sd-jwt ' }),
  header('wrong-typ', 'typ with a NUL behind it', { typ: 'inq-request+sd-jwt\0' }),
  header('wrong-typ', 'typ JWT', { typ: 'JWT' }),
  header('wrong-typ', 'typ of a credential', { typ: 'dc+sd-jwt' }),
  header('wrong-typ', 'typ of a response', { typ: 'inq-response+sd-jwt' }),
  header('wrong-typ', 'typ of a forward', { typ: 'inq-forward+jwt' }),
  header('wrong-typ', 'typ of a receipt', { typ: 'inq-receipt+jwt' }),
  header('wrong-typ', 'typ of an access token', { typ: 'inq-access+jwt' }),
  header('wrong-typ', 'typ of a command', { typ: 'inq-command+jwt' }),
  header('wrong-typ', 'an empty typ', { typ: '' }),
  header('wrong-typ', 'typ null', { typ: null }),
  header('wrong-typ', 'typ in an array', { typ: ['inq-request+sd-jwt'] }),
];

const kids: readonly HostileToken[] = [
  header('malformed', 'kid in an array', { kid: ['A'.repeat(43)] }),
  header('malformed', 'kid a number', { kid: 1 }),
  header('malformed', 'kid null', { kid: null }),
  header('malformed', 'kid an object', { kid: { length: 43 } }),
  header('malformed', 'an empty kid', { kid: '' }),
  header('malformed', 'kid of 42 characters', { kid: 'A'.repeat(42) }),
  header('malformed', 'kid of 44 characters', { kid: 'A'.repeat(44) }),
  header('malformed', 'kid a path', { kid: '../../../../../../../../../../../etc/passwd' }),
  header('malformed', 'kid a URL', { kid: 'https://attacker.example/key' }),
  header('malformed', 'kid a query', { kid: "' OR '1'='1" }),
  header('malformed', 'kid __proto__', { kid: '__proto__' }),
  header('malformed', 'kid with + of the standard alphabet', { kid: '+'.repeat(43) }),
  header('unknown-key', 'kid of the right shape that nobody has', { kid: 'A'.repeat(43) }),
  bent('malformed', 'kid with a line feed behind it', {
    header: withText('kid', (kid) => `${kid}\n`),
  }),
  bent('unknown-key', 'kid in capitals', {
    header: withText('kid', (kid) => kid.toUpperCase()),
  }),
];

const algorithm = (name: string, alg: JsonValue): HostileToken =>
  header('algorithm-not-allowed', `alg ${name}`, { alg });

const algorithms: readonly HostileToken[] = [
  ...['none', 'None', 'NONE', 'nOnE'].map((alg) =>
    bent('algorithm-not-allowed', `alg ${alg} without a signature`, {
      header: withMembers({ alg }),
      signature: () => new Uint8Array(),
    }),
  ),
  made('algorithm-not-allowed', 'alg HS256 with the public key as the secret', async (context) => {
    const { key, now, audience } = context;
    const secret = await exportSPKI((await registered(key)).key);
    return buildRequest({
      key,
      now,
      audience,
      header: withMembers({ alg: 'HS256' }),
      signature: (_, input) => createHmac('sha256', secret).update(input).digest(),
    });
  }),
  algorithm('empty', ''),
  algorithm('in small letters', 'es256'),
  algorithm('with a space', 'ES256 '),
  algorithm('in an array', ['ES256']),
  algorithm('null', null),
  algorithm('a number', -7),
  ...[
    'RS256',
    'PS256',
    'ES384',
    'ES512',
    'ES256K',
    'ESP256',
    'EdDSA',
    'Ed448',
    'HS512',
    'A256KW',
  ].map((alg) => algorithm(alg, alg)),
  made('algorithm-not-allowed', 'alg EdDSA on an Ed25519 key', ({ edKey, now, audience }) =>
    buildRequest({ key: edKey, now, audience, header: withMembers({ alg: 'EdDSA' }) }),
  ),
  header('algorithm-not-allowed', 'alg Ed25519 on an ES256 key', { alg: 'Ed25519' }),
  made('algorithm-not-allowed', 'alg ES256 on an Ed25519 key', ({ edKey, now, audience }) =>
    buildRequest({ key: edKey, now, audience, header: withMembers({ alg: 'ES256' }) }),
  ),
];

const keys: readonly HostileToken[] = [
  made('unknown-key', 'a key that nobody registered', ({ unregistered, now, audience }) =>
    buildRequest({ key: unregistered, now, audience }),
  ),
  made('key-not-active', 'a revoked key', ({ revoked, now, audience }) =>
    buildRequest({ key: revoked, now, audience }),
  ),
  made('wrong-role', "an agency's key", ({ agency, now, audience }) =>
    buildRequest({ key: agency, now, audience }),
  ),
  made('wrong-role', "an agency's key that names a counter as iss", (context) => {
    const { agency, key, now, audience } = context;
    return buildRequest({ key: { ...agency, owner: key.owner }, now, audience });
  }),
];

/** The three header members, and the key that they name. */
export const hostileHeaders: readonly HostileToken[] = [
  ...members,
  ...json,
  ...typs,
  ...kids,
  ...algorithms,
  ...keys,
];
