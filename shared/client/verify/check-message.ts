import * as z from 'zod';
import { Problem } from '../../kernel/problem.ts';
import { parseStrictJson } from '../../kernel/strict-json.ts';
import { clockSkew } from '../../message/claim-checks.ts';
import { parseMessage } from '../../message/framing.ts';
import type { VerificationKey } from '../../message/key.ts';
import type { MessageKind } from '../../message/kind.ts';
import { verifyMessage } from '../../message/verify.ts';
import type { KeyBook, KeyNote, Place } from './key-book.ts';

/** One broken rule of a message, in words that hold nothing of it. */
export type Fault = { readonly fault: string; readonly detail: string };

export type CheckedMessage<Claims> =
  | {
      readonly claims: Claims;
      readonly key: VerificationKey;
      readonly note: KeyNote | undefined;
      readonly faults?: undefined;
    }
  | {
      readonly claims?: undefined;
      readonly faults: readonly Fault[];
      /** Whether a leaf that follows may still put the key on record. */
      readonly keyMissing: boolean;
    };

type Common = {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp?: number | undefined;
};

export type MessageCheck<Claims> = {
  readonly jws: string;
  readonly kind: MessageKind;
  readonly claims: z.ZodType<Claims>;
  readonly book: Pick<KeyBook, 'find'>;
  readonly place: Place;
  /** Milliseconds: when the exchange recorded it, which is a little after it was verified. */
  readonly time: number;
};

/** Milliseconds from the verification of a message to its record. */
const recordingTime = 30_000;

const Peek = z.looseObject({ iss: z.string(), aud: z.string(), exp: z.int().optional() });

const faulty = (fault: string, detail: string, keyMissing = false) => ({
  faults: [{ fault, detail }],
  keyMissing,
});

/** The exchange's own keys are on record without an owner of their own: its messages name it. */
const ownedBy = (key: VerificationKey, issuer: string): VerificationKey =>
  key.owner === 'exchange' && issuer.startsWith('exchange:') ? { ...key, owner: issuer } : key;

/**
 * Verifies a signed message as it stands in the log, without its disclosures, against the keys on
 * record and at the time of its record: everything that verify.ts asks of a fresh one, but for the
 * audience, which is the caller's to judge.
 */
export const checkMessage = async <Claims extends Common>({
  jws,
  kind,
  claims: schema,
  book,
  place,
  time,
}: MessageCheck<Claims>): Promise<CheckedMessage<Claims>> => {
  if (jws.includes('~')) return faulty('disclosed', 'Disclosures must not stand in the log.');
  const text = kind.form === 'jwt' ? jws : `${jws}~`;
  try {
    const { header, payload } = parseMessage(text, kind);
    const peek = Peek.safeParse(parseStrictJson(payload)).data;
    if (peek === undefined) return faulty('invalid-claims', 'It names no issuer or no audience.');
    const { iss, aud: audience, exp } = peek;
    const last = exp === undefined ? time : (exp + clockSkew.behind) * 1000;
    const judgedAt = Math.min(time, last);
    if (time - judgedAt > recordingTime) {
      return faulty('expired', 'It was recorded after it had expired.');
    }
    const found = await book.find(header.kid, place, time);
    if (found.kind === 'not-on-record') {
      return faulty('key-not-on-record', 'Its key was not on record before it.', true);
    }
    if (found.kind === 'not-in-force') {
      return faulty('key-not-in-force', 'Its key was revoked, expired or not yet valid.', true);
    }
    const { claims } = await verifyMessage(text, {
      kind,
      claims: schema,
      audience,
      names: 'any',
      facts: z.unknown(),
      keyOf: async () => ownedBy(found.key, iss),
      now: () => judgedAt,
    });
    return { claims, key: found.key, note: found.note };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return faulty(error.name, error.detail);
  }
};
