import { memberRoles, type Role, roles } from '../kernel/participant-id.ts';

/** The messages of protocol.md §1 that pass through the exchange: who may send one, and its size. */
export type MessageKind = {
  readonly typ: string;
  /** Roles whose keys may sign it. */
  readonly senders: readonly Role[];
  /** `sd-jwt`: a JWS and its disclosures (RFC 9901); `jwt`: a JWS alone. */
  readonly form: 'jwt' | 'sd-jwt';
  /** ASCII characters in all. */
  readonly maxSize: number;
  /** ASCII characters of the JWS part. */
  readonly maxJws: number;
  /** Seconds from `iat` to `exp`; none for evidence, which never expires. */
  readonly maxLifetime: number | 'evidence';
};

/** The most a body may hold, in bytes (protocol.md §1). */
export const maxBody = 65_536;

export const kinds = {
  request: {
    typ: 'inq-request+sd-jwt',
    senders: ['counter', 'guild', 'vendor'],
    form: 'sd-jwt',
    maxSize: maxBody,
    maxJws: 4096,
    maxLifetime: 300,
  },
  forward: {
    typ: 'inq-forward+jwt',
    senders: ['exchange'],
    form: 'jwt',
    // It carries a whole request inside base64url, so it must be able to outgrow one.
    maxSize: 2 * maxBody,
    maxJws: 2 * maxBody,
    maxLifetime: 300,
  },
  response: {
    typ: 'inq-response+sd-jwt',
    senders: ['agency'],
    form: 'sd-jwt',
    maxSize: maxBody,
    maxJws: 8192,
    maxLifetime: 300,
  },
  receipt: {
    typ: 'inq-receipt+jwt',
    senders: ['exchange'],
    form: 'jwt',
    maxSize: 8192,
    maxJws: 8192,
    maxLifetime: 'evidence',
  },
  command: {
    typ: 'inq-command+jwt',
    senders: ['counter', 'agency', 'registrar'],
    form: 'jwt',
    // A leaf holds it, and the entries that it leads to.
    maxSize: 24_576,
    maxJws: 24_576,
    maxLifetime: 300,
  },
  keyProof: {
    typ: 'inq-key-proof+jwt',
    senders: roles,
    form: 'jwt',
    maxSize: 2048,
    maxJws: 2048,
    maxLifetime: 300,
  },
  statement: {
    typ: 'inq-statement+jwt',
    senders: ['counter', 'agency', 'guild', 'vendor'],
    form: 'jwt',
    // It may name 64 stations, each with the longest name and the greatest numbers.
    maxSize: 16_384,
    maxJws: 16_384,
    maxLifetime: 300,
  },
  access: {
    typ: 'inq-access+jwt',
    senders: memberRoles,
    form: 'jwt',
    maxSize: 4096,
    maxJws: 4096,
    maxLifetime: 60,
  },
} as const satisfies Readonly<Record<string, MessageKind>>;
