import { fromBase64Url, sha256Url } from '#shared/kernel/bytes.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import {
  disclosureOf,
  newSalt,
  type Overrides,
  rawDisclosure,
  requestFactsExample,
  saltText,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { bent, bentRequest, type HostileToken, made, type Refusal } from './row.ts';
import { respell, standardAlphabet, unaligned } from './spelling.ts';

type Texts = readonly string[];

const invalid = (name: string, overrides: Overrides): HostileToken =>
  bent('disclosure-invalid', name, overrides);

const { operator: honestOperator, ...otherFacts } = requestFactsExample;

/** The three other facts are honest; this text stands for the operator, its digest is signed. */
const operator = (problem: Refusal, name: string, text: () => string): HostileToken =>
  bent(problem, name, { facts: otherFacts, disclosures: (texts) => [...texts, text()] });

const operatorJson = (name: string, json: () => JsonValue): HostileToken =>
  operator('disclosure-invalid', name, () => disclosureOf(json()));

const malformedText = (name: string, text: () => string): HostileToken =>
  operator('malformed', name, text);

const named = (fact: JsonValue): HostileToken =>
  operatorJson(`the name ${JSON.stringify(fact)}`, () => [saltText(), fact, honestOperator]);

const salted = (name: string, salt: JsonValue): HostileToken =>
  operatorJson(`a salt ${name}`, () => [salt, 'operator', honestOperator]);

/** The honest facts and one more, all of them signed. */
const oneMore = (name: string, fact: string, value: JsonValue): HostileToken =>
  invalid(name, { facts: { ...requestFactsExample, [fact]: value } });

const params = (problem: Refusal, name: string, value: JsonObject): HostileToken =>
  bent(problem, name, { facts: { ...requestFactsExample, params: value } });

/** The params as JSON text, honestly salted and signed. */
const rawParams = (name: string, json: string): HostileToken =>
  bent('malformed', name, {
    disclosures: ([subject = '', , ...rest]) => [
      subject,
      rawDisclosure(`["${saltText()}","params",${json}]`),
      ...rest,
    ],
  });

/** What is signed is right; what travels is not what was signed. */
const sent = (name: string, change: (texts: Texts) => Texts): HostileToken =>
  invalid(name, { sent: change });

const sets: readonly HostileToken[] = [
  sent('one is missing', (texts) => texts.slice(1)),
  sent('the last is missing', (texts) => texts.slice(0, -1)),
  sent('all are missing', () => []),
  sent('one stands twice', (texts) => [...texts, texts[0] ?? '']),
  sent('one stands twice in the place of another', (texts) => [...texts.slice(1), texts[1] ?? '']),
  sent('one more, without a digest', (texts) => [
    ...texts,
    disclosureOf([saltText(), 'note', 'x']),
  ]),
  sent('one with another value', (texts) => [
    ...texts.slice(0, -1),
    disclosureOf([saltText(), 'operator', 'operator-8']),
  ]),
  made('disclosure-invalid', 'one from another message', async (context) => {
    const other = (await bentRequest(context)).split('~')[1] ?? '';
    return bentRequest(context, { sent: (texts) => [other, ...texts.slice(1)] });
  }),
  sent('one written anew with white space', (texts) =>
    texts.map((text, index) => {
      const json = Buffer.from(fromBase64Url(text) ?? []).toString();
      return index === 0 ? rawDisclosure(json.replaceAll(',', ', ')) : text;
    }),
  ),
  sent('65 of them', (texts) => [
    ...texts,
    ...Array.from({ length: 61 }, (_, index) => disclosureOf([saltText(), `x${index}`, 1])),
  ]),
  oneMore('a fifth fact', 'note', 'x'),
  oneMore('a fifth fact named like a known one', 'Subject', 'x'),
  invalid('a fact renamed', { facts: { ...otherFacts, person: honestOperator } }),
  invalid('a fact left out altogether', { facts: otherFacts }),
  invalid('no facts and no digests', { facts: {} }),
  invalid('a name twice, both signed', {
    disclosures: (texts) => [...texts, disclosureOf([saltText(), 'operator', 'operator-8'])],
  }),
  invalid('a name twice in the place of another', {
    facts: otherFacts,
    disclosures: (texts) => [...texts, disclosureOf([saltText(), 'case', 'x'])],
  }),
];

const digests: readonly HostileToken[] = [
  invalid('a decoy digest', {
    digests: (honest) => [...honest, sha256Url(newSalt())].toSorted(),
  }),
  invalid('two digests swapped', {
    digests: ([first = '', second = '', ...rest]) => [second, first, ...rest],
  }),
  invalid('digests in falling order', { digests: (honest) => honest.toReversed() }),
  invalid('a digest twice', { digests: (honest) => [honest[0] ?? '', ...honest] }),
  invalid('a digest left out', { digests: (honest) => honest.slice(1) }),
  invalid('no digests', { digests: () => [] }),
  // Each digest takes 62 of the 4096 characters: a request is too large before it holds 65. The limit
  // of 64 is for responses; see disclosure.test.ts.
  bent('too-large', '65 digests', {
    digests: (honest) =>
      [...honest, ...Array.from({ length: 61 }, () => sha256Url(newSalt()))].toSorted(),
  }),
  invalid('a digest in another spelling', {
    digests: (honest) => honest.map((text, at) => (at === 3 ? respell(text, 1) : text)),
  }),
  invalid('a padded digest', {
    digests: (honest) => honest.map((text, at) => (at === 3 ? `${text}=` : text)),
  }),
  invalid('a digest of 42 characters', {
    digests: (honest) => honest.map((text, at) => (at === 3 ? text.slice(0, 42) : text)),
  }),
  invalid('an empty digest', { digests: (honest) => ['', ...honest] }),
  invalid('digests in hexadecimal', {
    digests: (honest) =>
      honest.map((text) => Buffer.from(text, 'base64url').toString('hex')).toSorted(),
  }),
  made('disclosure-invalid', 'digests of the decoded disclosures', (context) => {
    const texts = Object.entries(requestFactsExample).map(([name, value]) =>
      disclosureOf([saltText(), name, value]),
    );
    const decoded = texts.map((text) => sha256Url(Buffer.from(text, 'base64url'))).toSorted();
    return bentRequest(context, { disclosures: () => texts, digests: () => decoded });
  }),
  invalid('_sd left out', { claims: withMembers({ _sd: undefined }) }),
  invalid('_sd a string', { claims: withMembers({ _sd: 'A'.repeat(43) }) }),
  invalid('_sd an object', { claims: withMembers({ _sd: {} }) }),
  invalid('_sd null', { claims: withMembers({ _sd: null }) }),
  invalid('_sd a number', { claims: withMembers({ _sd: 4 }) }),
  invalid('_sd true', { claims: withMembers({ _sd: true }) }),
  invalid('_sd in an array more', {
    claims: (honest) => ({ ...honest, _sd: [honest['_sd'] ?? null] }),
  }),
  invalid('a number among the digests', {
    claims: (honest) => ({ ...honest, _sd: [1, ...[honest['_sd'] ?? []].flat()] }),
  }),
  invalid('null among the digests', {
    claims: (honest) => ({ ...honest, _sd: [null, ...[honest['_sd'] ?? []].flat()] }),
  }),
];

const algorithms: readonly HostileToken[] = ['sha-512', 'sha-384', 'SHA-256', 'sha256', 'md5', '']
  .map(
    (name): HostileToken =>
      invalid(`_sd_alg ${JSON.stringify(name)}`, { claims: withMembers({ _sd_alg: name }) }),
  )
  .concat([
    invalid('_sd_alg null', { claims: withMembers({ _sd_alg: null }) }),
    invalid('_sd_alg in an array', { claims: withMembers({ _sd_alg: ['sha-256'] }) }),
    invalid('sha-512 announced and used', {
      claims: withMembers({ _sd_alg: 'sha-512' }),
      digests: (honest) => honest.map((text) => text + text),
    }),
  ]);

const nestings: readonly HostileToken[] = [
  invalid('_sd inside inq', { claims: withInquiry({ _sd: ['A'.repeat(43)] }) }),
  invalid('an empty _sd inside inq', { claims: withInquiry({ _sd: [] }) }),
  invalid('_sd_alg inside inq', { claims: withInquiry({ _sd_alg: 'sha-256' }) }),
  invalid('... at the top', { claims: withMembers({ '...': 'A'.repeat(43) }) }),
  invalid('... inside inq', { claims: withInquiry({ '...': 'A'.repeat(43) }) }),
  invalid('an array element hidden in the claims', {
    claims: withInquiry({ purpose: [{ '...': 'A'.repeat(43) }] }),
  }),
  params('disclosure-invalid', '_sd inside a value', { _sd: ['A'.repeat(43)] }),
  params('disclosure-invalid', 'an empty _sd inside a value', { _sd: [] }),
  params('disclosure-invalid', '_sd_alg inside a value', { _sd_alg: 'sha-256' }),
  params('disclosure-invalid', '... inside a value', { '...': 'A'.repeat(43) }),
  params('disclosure-invalid', '_sd deep inside a value', { a: [{ b: { _sd: [] } }] }),
  params('disclosure-invalid', '... inside an array of a value', {
    list: [{ '...': 'A'.repeat(43) }],
  }),
];

const shapes: readonly HostileToken[] = [
  operatorJson('the form for array elements', () => [saltText(), honestOperator]),
  operatorJson('four elements', () => [saltText(), 'operator', honestOperator, 1]),
  operatorJson('one element', () => [saltText()]),
  operatorJson('no elements', () => []),
  operatorJson('name and value, then the salt', () => ['operator', honestOperator, saltText()]),
  named('operator '),
  named('_sd'),
  named('_sd_alg'),
  named('...'),
  named(''),
  named('__proto__'),
  named('constructor'),
  named('اپراتور'),
  named('operator\0'),
  named('a'.repeat(65)),
  named(1),
  named(null),
  named(['operator']),
  named('iss'),
  named('aud'),
  named('inq'),
  named('exp'),
  named('nbf'),
  salted('of 21 characters', 'A'.repeat(21)),
  salted('of 87 characters', 'A'.repeat(87)),
  salted('of no characters', ''),
  salted('that is a number', 1),
  salted('that is null', null),
  salted('in an array', ['A'.repeat(22)]),
  salted('with padding', `${'A'.repeat(22)}==`),
  salted('in the standard alphabet', '+'.repeat(22)),
  salted('with spaces', ' '.repeat(22)),
  salted('with a line feed behind it', `${'A'.repeat(22)}\n`),
];

const honestText = (): string => disclosureOf([saltText(), 'operator', honestOperator]);

const honestJson = (): string => JSON.stringify([saltText(), 'operator', honestOperator]);

/** A disclosure whose base64url needs both characters in which the alphabets differ. */
const manySymbols = (): string => disclosureOf([saltText(), 'operator', '???>>>~~~???>>>']);

const texts: readonly HostileToken[] = [
  malformedText('another spelling, signed so', () =>
    respell(rawDisclosure(unaligned(honestJson())), 1),
  ),
  malformedText('padding, signed so', () => `${rawDisclosure(unaligned(honestJson()))}==`),
  malformedText('the standard alphabet, signed so', () => standardAlphabet(manySymbols())),
  malformedText('a line feed inside, signed so', () => honestText().replace(/^.../, '$&\n')),
  malformedText('a space behind, signed so', () => `${honestText()} `),
  malformedText('no base64url at all, signed so', () => '!!!!'),
  malformedText('one character, signed so', () => 'A'),
  malformedText('the JSON itself, signed so', () => '["salt","operator","x"]'),
  malformedText('a dot inside, signed so', () => honestText().replace(/^.../, '$&.')),
  malformedText('non-ASCII, signed so', () => `${honestText()}\u06f1`),
  malformedText('empty, signed so', () => ''),
  malformedText('no JSON', () => rawDisclosure('salt,operator,x')),
  malformedText('a JSON object', () => disclosureOf({ salt: saltText(), name: 'operator' })),
  malformedText('a JSON string', () => disclosureOf('operator')),
  malformedText('null', () => disclosureOf(null)),
  malformedText('nothing inside', () => rawDisclosure(' ')),
  malformedText('a comma behind the last element', () =>
    rawDisclosure(honestJson().replace(/]$/, ',]')),
  ),
  malformedText('two arrays', () => rawDisclosure(honestJson() + honestJson())),
  malformedText('a byte order mark', () => rawDisclosure(`\ufeff${honestJson()}`)),
  malformedText('half a surrogate pair, escaped', () =>
    rawDisclosure(honestJson().replace('operator-7', '\\udead')),
  ),
  malformedText('the byte FF', () =>
    disclosureOf(
      Buffer.concat([
        Buffer.from(honestJson().slice(0, -2)),
        Buffer.from([0xff]),
        Buffer.from('"]'),
      ]),
    ),
  ),
  malformedText('an overlong slash', () =>
    disclosureOf(
      Buffer.concat([
        Buffer.from(honestJson().slice(0, -2)),
        Buffer.from([0xc0, 0xaf]),
        Buffer.from('"]'),
      ]),
    ),
  ),
];

const values: readonly HostileToken[] = [
  rawParams('a member twice inside a value', '{"a":1,"a":1}'),
  rawParams('a member twice deep inside a value', '{"a":[{"b":1,"\\u0062":2}]}'),
  rawParams('__proto__ inside a value', '{"__proto__":{"admin":true}}'),
  rawParams('a fraction inside a value', '{"amount":1.5}'),
  rawParams('an exponent inside a value', '{"amount":1e3}'),
  rawParams('2^53 inside a value', '{"amount":9007199254740992}'),
  rawParams('minus zero inside a value', '{"amount":-0}'),
  rawParams('NaN inside a value', '{"amount":NaN}'),
  rawParams('17 levels with the disclosure itself', `{"a":${'['.repeat(15)}${']'.repeat(15)}}`),
  rawParams('a comment inside a value', '{/* */}'),
];

/** Disclosures outside the profile of protocol.md §4. */
export const hostileDisclosures: readonly HostileToken[] = [
  ...sets,
  ...digests,
  ...algorithms,
  ...nestings,
  ...shapes,
  ...texts,
  ...values,
].map((row) => ({ ...row, name: `disclosures: ${row.name}` }));
