import { bent, type HostileToken } from './row.ts';

const payload = (name: string, change: (json: string) => string | Uint8Array): HostileToken =>
  bent('malformed', name, { payload: change });

/** One more member at the start of the claims. */
const member =
  (text: string) =>
  (json: string): string =>
    json.replace('{', `{${text},`);

/** One more member at the start of `inq`. */
const inner =
  (text: string) =>
  (json: string): string =>
    json.replace('"inq":{', `"inq":{${text},`);

/** Raw bytes in the place of the station's last character. */
const inStation =
  (...bytes: readonly number[]) =>
  (json: string): Uint8Array => {
    const at = json.indexOf('till-3') + 5;
    return Buffer.concat([
      Buffer.from(json.slice(0, at)),
      Buffer.from(bytes),
      Buffer.from(json.slice(at + 1)),
    ]);
  };

const station =
  (text: string) =>
  (json: string): string =>
    json.replace('till-3', text);

const nested = (depth: number): string => `"x":${'['.repeat(depth)}${']'.repeat(depth)}`;

const duplicates: readonly HostileToken[] = [
  payload('aud twice', member('"aud":"https://attacker.example/"')),
  payload('aud twice, both right', (json) => {
    const aud = /"aud":"[^"]*"/.exec(json)?.[0] ?? '';
    return json.replace('{', `{${aud},`);
  }),
  payload('aud twice, once escaped', member('"\\u0061ud":"https://attacker.example/"')),
  payload('exp twice', member('"exp":1')),
  payload('inq twice', member('"inq":{}')),
  payload('_sd twice', member('"_sd":[]')),
  payload('presence twice, inside inq', inner('"presence":"none"')),
  payload('id twice, inside inq', inner('"id":"0"')),
  payload('a member twice, two levels down', inner('"x":{"y":1,"y":1}')),
  payload('a member twice, inside an array', member('"x":[{"y":1,"y":1}]')),
  payload('__proto__', member('"__proto__":{"admin":true}')),
  payload('__proto__, escaped', member('"\\u005f_proto__":{}')),
  payload('__proto__ inside inq', inner('"__proto__":{}')),
];

const numbers: readonly HostileToken[] = [
  payload('nbf with a fraction', member('"nbf":0.5')),
  payload('nbf with a fraction of zero', member('"nbf":1.0')),
  payload('nbf with an exponent', member('"nbf":1e2')),
  payload('nbf with a large exponent', member('"nbf":1E+2')),
  payload('exp 1e400', (json) => json.replace(/"exp":[0-9]+/, '"exp":1e400')),
  payload('iat -1e400', (json) => json.replace(/"iat":[0-9]+/, '"iat":-1e400')),
  payload('exp with a fraction', (json) => json.replace(/("exp":[0-9]+)/, '$1.5')),
  payload('exp of 400 digits', (json) => json.replace(/"exp":/, `"exp":${'9'.repeat(400)}`)),
  payload('nbf minus zero', member('"nbf":-0')),
  payload('nbf 2^53', member('"nbf":9007199254740992')),
  payload('nbf -2^53', member('"nbf":-9007199254740992')),
  payload('seq 2^53 + 1', (json) => json.replace('"seq":1842', '"seq":9007199254740993')),
  payload('seq with a zero in front', (json) => json.replace('"seq":', '"seq":0')),
  payload('seq with a plus', (json) => json.replace('"seq":', '"seq":+')),
  payload('seq in hexadecimal', (json) => json.replace('"seq":1842', '"seq":0x732')),
  payload('seq with an underscore', (json) => json.replace('"seq":1842', '"seq":1_842')),
  payload('seq in Persian digits', (json) => json.replace('"seq":1842', '"seq":۱۸۴۲')),
  payload('nbf NaN', member('"nbf":NaN')),
  payload('nbf Infinity', member('"nbf":Infinity')),
  payload('nbf -Infinity', member('"nbf":-Infinity')),
  payload('nbf a minus alone', member('"nbf":-')),
];

const strings: readonly HostileToken[] = [
  payload('half a surrogate pair, escaped', station('till-\\ud800')),
  payload('the other half, escaped', station('till-\\udc00')),
  payload('surrogates in the wrong order', station('till-\\udc00\\ud800')),
  payload('half a pair in a name', member('"\\ud83d":1')),
  payload('an unknown escape', station('till-\\x33')),
  payload('a short escape', station('till-\\u33')),
  payload('a raw line feed', station('till-\n')),
  payload('a raw tab', station('till-\t')),
  payload('a raw NUL', station('till-\0')),
  payload('half a surrogate pair in bytes (ED A0 80)', inStation(0xed, 0xa0, 0x80)),
  payload('an overlong slash (C0 AF)', inStation(0xc0, 0xaf)),
  payload('an overlong NUL (C0 80)', inStation(0xc0, 0x80)),
  payload('a cut sequence (E2 82)', inStation(0xe2, 0x82)),
  payload('the byte FF', inStation(0xff)),
  payload('Latin-1', inStation(0xe9)),
  payload('above U+10FFFF (F4 90 80 80)', inStation(0xf4, 0x90, 0x80, 0x80)),
];

const grammar: readonly HostileToken[] = [
  payload('a byte order mark', (json) => `\ufeff${json}`),
  payload('UTF-16', (json) => Buffer.from(json, 'utf16le')),
  payload('17 levels', member(nested(16))),
  payload('2000 levels', (json) => json.replace('{', `{"x":${'['.repeat(2000)}`)),
  payload('a comma behind the last member', (json) => json.replace(/}$/, ',}')),
  payload('a comma in front', (json) => json.replace('{', '{,')),
  payload('two commas', (json) => json.replace(',', ',,')),
  payload('no comma', (json) => json.replace(',"aud"', '"aud"')),
  payload('no colon', (json) => json.replace('"aud":', '"aud"')),
  payload('a line comment', (json) => json.replace('{', '{//\n')),
  payload('a block comment', (json) => json.replace('{', '{/* */')),
  payload('a hash comment', (json) => json.replace('{', '{#\n')),
  payload('single quotes', (json) => json.replaceAll('"', "'")),
  payload('a name without quotes', (json) => json.replace('"aud"', 'aud')),
  payload('True', member('"x":True')),
  payload('undefined', member('"x":undefined')),
  payload('a no-break space', (json) => json.replace('{', '{\u00a0')),
  payload('a vertical tab', (json) => json.replace('{', '{\v')),
  payload('no last brace', (json) => json.slice(0, -1)),
  payload('one brace more', (json) => `${json}}`),
  payload('two values', (json) => json + json),
  payload('a NUL behind', (json) => `${json}\0`),
  payload('nothing but white space', () => ' \n'),
  payload('the claims in an array', (json) => `[${json}]`),
  payload('the claims in a string', (json) => JSON.stringify(json)),
  payload('null', () => 'null'),
  payload('true', () => 'true'),
  payload('a number', () => '1'),
  payload('no JSON', () => 'iss=counter'),
];

/** Payloads that are signed rightly and are not strict JSON (protocol.md §5). */
export const hostileClaimsJson: readonly HostileToken[] = [
  ...duplicates,
  ...numbers,
  ...strings,
  ...grammar,
].map((row) => ({ ...row, name: `claims JSON: ${row.name}` }));
