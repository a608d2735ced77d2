import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { ObjectStore } from '../../audit/ports.ts';
import { concat, equalBytes, type SecretKey, sha256, utf8 } from '../../kernel/bytes.ts';

/**
 * The most bytes of a part that is fetched: with what base64 adds it fits into an answer of a Lambda
 * (6 MB).
 */
export const maxPart = 4_194_304;

/** AES-256-GCM (NIST SP 800-38D). */
const version = 1;
const nonceLength = 12;
const tagLength = 16;

/** Another one stands under the name of a part: the log, or what makes exports, is not what it was. */
export class PartDiffers extends Error {
  override readonly name = 'PartDiffers';
}

/** A part that was put is missing, or is not as it was put. */
export class PartDamaged extends Error {
  override readonly name = 'PartDamaged';
}

/** What an export is made of, by names like `lines/0`. Rejects with the problem `store-unavailable`. */
export type ExportParts = {
  /**
   * Keeps bytes under a name that is free, durably once it resolves; the very same standing already
   * count as kept. Resolves to the digest of what was given; rejects with {@link PartDiffers}.
   */
  readonly put: (name: string, bytes: Uint8Array) => Promise<Uint8Array>;
  /** Keeps them unless others stand; resolves to what stands. */
  readonly settle: (name: string, bytes: Uint8Array) => Promise<Uint8Array>;
  /** Rejects with {@link PartDamaged} for what was not put here. */
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
};

type Objects = Pick<ObjectStore, 'get' | 'putIfAbsent'>;

const damaged = (options?: ErrorOptions): PartDamaged =>
  new PartDamaged('A part of an export is not as it was put.', options);

/**
 * The parts of one export, sealed: they may hold what is known of a person. The same bytes under the
 * same name are sealed alike, so that a part which is made again meets itself: the nonce is a keyed
 * digest of them.
 */
export const exportParts = (derived: Objects, key: SecretKey, id: string): ExportParts => {
  const own = createHmac('sha256', key).update(`export-parts\0${id}`).digest();
  const keyOf = (name: string): string => `export/${id}/${name}`;

  const nonceOf = (name: string, digest: Uint8Array): Uint8Array =>
    createHmac('sha256', own).update(`${name}\0`).update(digest).digest().subarray(0, nonceLength);

  const seal = (name: string, bytes: Uint8Array, digest: Uint8Array): Uint8Array => {
    const nonce = nonceOf(name, digest);
    const cipher = createCipheriv('aes-256-gcm', own, nonce).setAAD(utf8(name));
    const body = cipher.update(bytes);
    return concat(Uint8Array.of(version), nonce, body, cipher.final(), cipher.getAuthTag());
  };

  const open = (name: string, box: Uint8Array): Uint8Array => {
    if (box[0] !== version || box.length < 1 + nonceLength + tagLength) throw damaged();
    const nonce = box.subarray(1, 1 + nonceLength);
    const end = box.length - tagLength;
    const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: tagLength })
      .setAAD(utf8(name))
      .setAuthTag(box.subarray(end));
    try {
      return concat(decipher.update(box.subarray(1 + nonceLength, end)), decipher.final());
    } catch (cause) {
      throw damaged({ cause });
    }
  };

  const place = async (name: string, bytes: Uint8Array) => {
    const digest = sha256(bytes);
    const box = seal(name, bytes, digest);
    const answer = await derived.putIfAbsent(keyOf(name), box);
    return { digest, standing: answer === 'written' ? box : answer, isOurs: answer === 'written' };
  };

  return {
    put: async (name, bytes) => {
      const { digest, standing, isOurs } = await place(name, bytes);
      if (isOurs || equalBytes(open(name, standing), bytes)) return digest;
      throw new PartDiffers('Another part of an export stands under this name.');
    },
    settle: async (name, bytes) => {
      const { standing, isOurs } = await place(name, bytes);
      return isOurs ? bytes : open(name, standing);
    },
    get: async (name) => {
      const box = await derived.get(keyOf(name));
      return box === undefined ? undefined : open(name, box);
    },
  };
};

/**
 * Puts pieces together to parts of at most so many bytes, and takes those apart that are larger. The same
 * pieces give the same parts.
 */
export const cutParts = async function* (
  pieces: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  const gather = (bytes: Uint8Array): void => {
    gathered.push(bytes);
    size += bytes.length;
  };
  for await (const piece of pieces) {
    if (size > 0 && size + piece.length > most) {
      yield concat(...gathered);
      [gathered, size] = [[], 0];
    }
    let at = 0;
    for (; piece.length - at > most; at += most) yield piece.subarray(at, at + most);
    gather(piece.subarray(at));
  }
  if (size > 0) yield concat(...gathered);
};
