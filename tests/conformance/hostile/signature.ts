import { KeyObject, sign } from 'node:crypto';
import { concat, sha256 } from '#shared/kernel/bytes.ts';
import { isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { buildRequest, type Overrides, rawSign } from '#tests/support/messages.ts';
import { bent, bentRequest, type HostileContext, type HostileToken, made } from './row.ts';

/** The order of P-256's base point (SP 800-186 §3.2.1.3). */
export const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The order of Ed25519's base point (RFC 8032 §5.1). */
const ed25519Order = 2n ** 252n + 27742317777372353535851937790883648493n;

const toScalar = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

const scalar = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** r and s of an ES256 signature (RFC 7518 §3.4). */
export const mapScalars =
  (change: (r: bigint, s: bigint) => readonly [bigint, bigint]) =>
  (signature: Uint8Array): Uint8Array => {
    const [r, s] = change(scalar(signature.subarray(0, 32)), scalar(signature.subarray(32)));
    return concat(toScalar(r), toScalar(s));
  };

const forged = (name: string, signature: NonNullable<Overrides['signature']>): HostileToken =>
  bent('signature-invalid', name, { signature });

const forgedEd25519 = (
  name: string,
  signature: NonNullable<Overrides['signature']>,
): HostileToken =>
  made('signature-invalid', `Ed25519: ${name}`, ({ edKey, now, audience }) =>
    buildRequest({ key: edKey, now, audience, signature }),
  );

const flip =
  (at: number) =>
  (signature: Uint8Array): Uint8Array =>
    signature.map((byte, index) => (index === at ? byte ^ 1 : byte));

const top = 2n ** 256n - 1n;

/** DER, as X.509 has it: what a library makes that was not told of IEEE P1363. */
const der = (context: HostileContext): Promise<string> =>
  bentRequest(context, {
    signature: (_, input) =>
      sign('sha256', Buffer.from(input), KeyObject.from(context.key.signer.key)),
  });

const es256: readonly HostileToken[] = [
  forged('64 zeros', () => new Uint8Array(64)),
  forged('64 times FF', () => new Uint8Array(64).fill(0xff)),
  forged(
    'r zero',
    mapScalars((_, s) => [0n, s]),
  ),
  forged(
    's zero',
    mapScalars((r) => [r, 0n]),
  ),
  forged(
    'r and s one',
    mapScalars(() => [1n, 1n]),
  ),
  forged(
    'r the order',
    mapScalars((_, s) => [p256Order, s]),
  ),
  forged(
    's the order',
    mapScalars((r) => [r, p256Order]),
  ),
  forged(
    'r and s the order',
    mapScalars(() => [p256Order, p256Order]),
  ),
  forged(
    'r as large as fits',
    mapScalars((_, s) => [top, s]),
  ),
  forged(
    's as large as fits',
    mapScalars((r) => [r, top]),
  ),
  forged(
    'r negated',
    mapScalars((r, s) => [p256Order - r, s]),
  ),
  forged(
    'r and s swapped',
    mapScalars((r, s) => [s, r]),
  ),
  forged('each half in little endian', (signature) =>
    concat(signature.slice(0, 32).toReversed(), signature.slice(32).toReversed()),
  ),
  made('signature-invalid', 'DER in the place of r and s', der),
  forged('63 bytes, the last one cut', (signature) => signature.subarray(0, 63)),
  forged('63 bytes, the first one cut', (signature) => signature.subarray(1)),
  forged('65 bytes, a zero behind', (signature) => concat(signature, new Uint8Array(1))),
  forged('65 bytes, a zero in front', (signature) => concat(new Uint8Array(1), signature)),
  forged('66 bytes, each half led by a zero', (signature) =>
    concat(new Uint8Array(1), signature.subarray(0, 32), new Uint8Array(1), signature.subarray(32)),
  ),
  forged('the signature twice', (signature) => concat(signature, signature)),
  forged('32 bytes, r alone', (signature) => signature.subarray(0, 32)),
  forged('the first bit flipped', flip(0)),
  forged('a bit of s flipped', flip(40)),
  forged('the last bit flipped', flip(63)),
  forged('the hash in the place of a signature', (_, input) =>
    concat(sha256(input), sha256(input)),
  ),
];

const otherText: readonly HostileToken[] = [
  made('signature-invalid', "another key's signature", (context) =>
    bentRequest(context, { signature: (_, input) => rawSign(context.unregistered, input) }),
  ),
  made('signature-invalid', "an Ed25519 key's signature under an ES256 kid", (context) =>
    bentRequest(context, { signature: (_, input) => rawSign(context.edKey, input) }),
  ),
  made('signature-invalid', 'a signature over the payload alone', (context) =>
    bentRequest(context, {
      signature: (_, input) => rawSign(context.key, input.split('.')[1] ?? ''),
    }),
  ),
  made('signature-invalid', 'a signature over the decoded payload', (context) =>
    bentRequest(context, {
      signature: (_, input) =>
        rawSign(context.key, Buffer.from(input.split('.')[1] ?? '', 'base64url').toString()),
    }),
  ),
  made('signature-invalid', 'a signature with SHA-512', (context) =>
    bentRequest(context, {
      signature: (_, input) =>
        sign('sha512', Buffer.from(input), {
          key: KeyObject.from(context.key.signer.key),
          dsaEncoding: 'ieee-p1363',
        }),
    }),
  ),
  made('signature-invalid', 'the signature of another message', async (context) => {
    const other = (await bentRequest(context)).split('~')[0]?.split('.')[2] ?? '';
    return bentRequest(context, { jws: (jws) => jws.replace(/[^.]*$/, other) });
  }),
  made('signature-invalid', 'the payload of another message', async (context) => {
    const other = (await bentRequest(context)).split('~')[0]?.split('.')[1] ?? '';
    return bentRequest(context, { jws: (jws) => jws.replace(/\..*\./, `.${other}.`) });
  }),
  bent('signature-invalid', 'a header with the same members in another order', {
    jws: (jws) => {
      const [header = '', ...rest] = jws.split('.');
      const json = parseStrictJson(Buffer.from(header, 'base64url'));
      const members = isJsonObject(json) ? Object.entries(json) : [];
      const reordered = JSON.stringify(Object.fromEntries(members.toReversed()));
      return [Buffer.from(reordered).toString('base64url'), ...rest].join('.');
    },
  }),
];

/** S + L verifies where S is not held below L (RFC 8032 §5.1.7): the same message, another text. */
const addOrder = (signature: Uint8Array): Uint8Array => {
  const s = scalar(signature.slice(32).toReversed()) + ed25519Order;
  return concat(signature.subarray(0, 32), toScalar(s).toReversed());
};

const ed25519: readonly HostileToken[] = [
  forgedEd25519('64 zeros', () => new Uint8Array(64)),
  forgedEd25519('the identity as R and zero as S', () =>
    new Uint8Array(64).map((_, index) => (index === 0 ? 1 : 0)),
  ),
  forgedEd25519('S and the order', addOrder),
  forgedEd25519('R and S swapped', (signature) =>
    concat(signature.subarray(32), signature.subarray(0, 32)),
  ),
  forgedEd25519('the sign of R flipped', (signature) =>
    signature.map((byte, index) => (index === 31 ? byte ^ 0x80 : byte)),
  ),
  forgedEd25519('the first bit flipped', flip(0)),
  forgedEd25519('63 bytes', (signature) => signature.subarray(0, 63)),
  forgedEd25519('65 bytes', (signature) => concat(signature, new Uint8Array(1))),
];

/**
 * Signatures that do not hold. (r, n − s) is not among them: it is a valid ECDSA signature of the
 * same message (SP 800-186 has no rule on the half), see allowed-tokens.ts; that such a copy cannot
 * be used again is for the rule of replay, which goes by `inq.id` and `jti`, never by the text.
 */
export const hostileSignatures: readonly HostileToken[] = [...es256, ...otherText, ...ed25519];
