import { toBase64Url } from '#shared/kernel/bytes.ts';
import { buildRequest, rawSign, type TestKey } from '#tests/support/messages.ts';
import { requestOf, requestWithJwsOf } from '#tests/support/sizes.ts';
import { bent, bentRequest, type HostileToken, made } from './row.ts';
import { respell, standardAlphabet, unaligned } from './spelling.ts';

const whole = (name: string, token: (text: string) => string): HostileToken =>
  bent('malformed', name, { token });

const jws = (name: string, change: (jws: string) => string): HostileToken =>
  bent('malformed', name, { jws: change });

const bytes = (name: string, change: (token: Buffer) => readonly Uint8Array[]): HostileToken =>
  made('malformed', name, async (context) => ({
    body: Buffer.concat(change(Buffer.from(await bentRequest(context)))),
  }));

/** The JSON serialisations of a JWS (RFC 7515 §7.2), which are not taken. */
const serialisations: readonly HostileToken[] = [
  whole('general JSON serialisation', (text) => {
    const [header, payload, signature] = (text.split('~')[0] ?? '').split('.');
    return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
  }),
  whole('flattened JSON serialisation', (text) => {
    const [first = '', ...disclosures] = text.split('~');
    const [header, payload, signature] = first.split('.');
    return JSON.stringify({ payload, protected: header, signature, header: { disclosures } });
  }),
  whole('flattened JSON serialisation that ends with ~', (text) => {
    const [header, payload, signature] = (text.split('~')[0] ?? '').split('.');
    return `${JSON.stringify({ payload, protected: header, signature })}~`;
  }),
  whole('a JSON string that holds the token', (text) => JSON.stringify(text)),
];

const spellings: readonly HostileToken[] = [
  ...Array.from({ length: 15 }, (_, index) =>
    jws(`the signature's last character in spelling ${index + 2} of 16`, (text) =>
      respell(text, index + 1),
    ),
  ),
  jws('one = behind the signature', (text) => `${text}=`),
  jws('two = behind the signature', (text) => `${text}==`),
  jws('four = behind the signature', (text) => `${text}====`),
  bent('malformed', 'a header in another spelling, signed so', {
    headerText: unaligned,
    segments: ([header, payload]) => [respell(header, 1), payload],
  }),
  bent('malformed', 'a payload in another spelling, signed so', {
    payload: unaligned,
    segments: ([header, payload]) => [header, respell(payload, 15)],
  }),
  bent('malformed', 'a padded header, signed so', {
    headerText: unaligned,
    segments: ([header, payload]) => [`${header}==`, payload],
  }),
  bent('malformed', 'a padded payload, signed so', {
    payload: unaligned,
    segments: ([header, payload]) => [header, `${payload}==`],
  }),
  bent('malformed', 'a payload in the standard alphabet, signed so', {
    payload: (json) => json.replace('"aud":"', '"aud":"???>>>???>>>'),
    segments: ([header, payload]) => [header, standardAlphabet(payload)],
  }),
  made('malformed', 'a signature in the standard alphabet', async (context) => {
    for (;;) {
      const text = await bentRequest(context);
      const [head = '', ...tail] = text.split('~');
      const [header, payload, signature = ''] = head.split('.');
      const other = standardAlphabet(signature);
      if (other !== signature) return [[header, payload, other].join('.'), ...tail].join('~');
    }
  }),
  jws(
    'a line break inside the signature, as MIME folds',
    (text) => `${text.slice(0, -20)}\r\n${text.slice(-20)}`,
  ),
  jws('a space inside the payload', (text) => text.replace('.', '. ')),
  jws('a tab before the signature', (text) => text.replace(/\.([^.]*)$/, '.\t$1')),
];

const segments: readonly HostileToken[] = [
  jws('one segment', (text) => text.split('.')[1] ?? ''),
  jws('two segments', (text) => text.split('.').slice(0, 2).join('.')),
  jws('an empty fourth segment', (text) => `${text}.`),
  jws('four segments', (text) => `${text}.AAAA`),
  jws('five segments, as a JWE has', (text) => `${text}.AAAA.AAAA`),
  jws('an empty segment in front', (text) => `.${text}`),
  jws('no header', (text) => text.slice(text.indexOf('.'))),
  jws('nothing but dots', () => '..'),
  bent('malformed', 'an empty payload, signed so', { payload: () => '' }),
  bent('signature-invalid', 'a detached payload', {
    jws: (text) => text.replace(/\..*\./, '..'),
  }),
  bent('signature-invalid', 'no signature', { signature: () => new Uint8Array() }),
];

/** A key-binding token as RFC 9901 §4.3 has it, signed by the counter itself. */
const keyBinding = async (key: TestKey, now: number): Promise<string> => {
  const part = (json: object): string => toBase64Url(Buffer.from(JSON.stringify(json)));
  const iat = Math.floor(now / 1000);
  const input = [
    part({ alg: key.alg, typ: 'kb+jwt' }),
    part({ iat, aud: 'https://exchange.example', nonce: '1', sd_hash: 'A'.repeat(43) }),
  ].join('.');
  return `${input}.${toBase64Url(await rawSign(key, input))}`;
};

const tildes: readonly HostileToken[] = [
  whole('no ~ at the end', (text) => text.slice(0, -1)),
  whole('two ~ at the end', (text) => `${text}~`),
  whole('two ~ behind the JWS', (text) => text.replace('~', '~~')),
  whole('a ~ in front', (text) => `~${text}`),
  whole('a JWS without any ~', (text) => text.split('~')[0] ?? ''),
  whole('a percent-encoded ~', (text) => text.replace('~', '%7E')),
  whole('a percent-encoded ~ at the end', (text) => `${text.slice(0, -1)}%7e`),
  whole('percent-encoded dots', (text) => text.replaceAll('.', '%2E')),
  whole('a tilde operator (U+223C) for ~', (text) => text.replace('~', '\u223c')),
  made('disclosure-invalid', 'a key-binding token behind it', async (context) =>
    [await bentRequest(context), await keyBinding(context.key, context.now)].join(''),
  ),
  made('disclosure-invalid', 'a second message behind it', async (context) =>
    [await bentRequest(context), (await bentRequest(context)).split('~')[0]].join(''),
  ),
];

const around: readonly HostileToken[] = [
  made('malformed', 'nothing at all', () => Promise.resolve('')),
  made('malformed', 'a ~ alone', () => Promise.resolve('~')),
  made('malformed', 'ten ~', () => Promise.resolve('~'.repeat(10))),
  made('malformed', 'something else entirely', () => Promise.resolve('{"hello":"world"}')),
  whole('a line feed at the end', (text) => `${text}\n`),
  whole('CR LF at the end', (text) => `${text}\r\n`),
  whole('a space at the end', (text) => `${text} `),
  whole('a space in front', (text) => ` ${text}`),
  whole('a line feed in front', (text) => `\n${text}`),
  whole('quotes around it', (text) => `"${text}"`),
  whole('"Bearer " in front', (text) => `Bearer ${text}`),
  whole('a DEL at the end', (text) => `${text}\x7f`),
  whole('a NUL at the end', (text) => `${text}\0`),
  whole('a NUL inside the JWS', (text) => text.replace('.', '.\0')),
  whole('a NUL behind the JWS', (text) => text.replace('~', '\0~')),
  whole('a byte order mark in front', (text) => `\ufeff${text}`),
  whole('a full-width dot for a dot', (text) => text.replace('.', '\uff0e')),
  whole('a Persian digit in the payload', (text) => text.replace('.', '.\u06f1')),
  whole('a zero-width non-joiner at the end', (text) => `${text}\u200c`),
  whole('a right-to-left override in front', (text) => `\u202e${text}`),
  bytes('the byte FF at the end', (token) => [token, Buffer.from([0xff])]),
  bytes('the bytes of a byte order mark in front', (token) => [
    Buffer.from([0xef, 0xbb, 0xbf]),
    token,
  ]),
  bytes('an overlong dot (C0 AE)', (token) => [
    token.subarray(0, token.indexOf('.')),
    Buffer.from([0xc0, 0xae]),
    token.subarray(token.indexOf('.') + 1),
  ]),
  bytes('half a surrogate pair (ED A0 80)', (token) => [token, Buffer.from([0xed, 0xa0, 0x80])]),
  bytes('UTF-16', (token) => [Buffer.from(token.toString(), 'utf16le')]),
  whole('the token base64-encoded once more', (text) => Buffer.from(text).toString('base64')),
];

const sizes: readonly HostileToken[] = [
  made('too-large', 'a JWS of 4097 characters', ({ key, now, audience }) =>
    requestWithJwsOf(4097, { key, now, audience }),
  ),
  made('too-large', 'a JWS of 8192 characters, as a response may have', (context) =>
    requestWithJwsOf(8192, { key: context.key, now: context.now, audience: context.audience }),
  ),
  made('too-large', 'a message of 65537 characters', ({ key, now, audience }) =>
    requestOf(65_537, { key, now, audience }),
  ),
  made('too-large', 'a message of 200000 times the same character', () =>
    Promise.resolve('A'.repeat(200_000)),
  ),
  made('too-large', 'a message with 65536 ~', ({ key, now, audience }) =>
    buildRequest({ key, now, audience, token: (text) => text + '~'.repeat(65_536) }),
  ),
];

/** Size, characters, segments, spelling: refused before anything is read of the content. */
export const hostileFraming: readonly HostileToken[] = [
  ...around,
  ...tildes,
  ...segments,
  ...spellings,
  ...serialisations,
  ...sizes,
];
