import { toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import { InquiryId, newId } from '../kernel/id.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { Signer } from '../message/key.ts';
import { kinds } from '../message/kind.ts';
import { signMessage } from '../message/sign.ts';
import type { Asker } from './sign-request.ts';

/** A change of the registry as its sender means it. */
export type Command = {
  /** For example `licence.suspend`. */
  readonly do: string;
  /** The version of the entry that the sender saw; 0 when there is none yet. */
  readonly on: number;
  /** Its content, by the command. */
  readonly with: JsonObject;
  /** A UUIDv7 made within 5 minutes; made when the command is sent where none is given. */
  readonly id?: string;
};

/** What every token of one command repeats, so that a retry is known as one. */
export type DraftedCommand = Omit<Command, 'id'> & { readonly id: InquiryId };

/** Seconds that one token may be used. A retry signs a fresh one. */
const commandLifetime = 60;

const signed = (
  { participant, audience, now, random }: Omit<Asker, 'signer'>,
  rest: JsonObject,
): JsonObject => {
  const iat = numericDate(now());
  const jti = toBase64Url(random(16));
  return { iss: participant, aud: audience, iat, exp: iat + commandLifetime, jti, ...rest };
};

/** Gives a command its id. */
export const draftCommand = (
  { id, ...command }: Command,
  { now, random }: Pick<Asker, 'now' | 'random'>,
): DraftedCommand => ({
  ...command,
  id: id === undefined ? newId(now(), random) : InquiryId.parse(id),
});

/** Signs a command under a fresh `jti`. `audience` is the exchange's origin and `/v1/commands`. */
export const signCommand = (
  { id, do: name, on, with: content }: DraftedCommand,
  { signer, ...asker }: Asker,
): Promise<string> =>
  signMessage(kinds.command, signed(asker, { cmd: { id, do: name, on, with: content } }), signer);

/**
 * Signed by a new key itself: that whoever adds it holds it. Goes as `proof` into the command
 * `key.add`, whose id it names. `participant` is who will own the key.
 */
export const signKeyProof = (
  command: string,
  key: Signer,
  asker: Omit<Asker, 'signer'>,
): Promise<string> => signMessage(kinds.keyProof, signed(asker, { cmd_id: command }), key);
