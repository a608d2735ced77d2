import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { ObjectStore } from '../../audit/ports.ts';
import { concat, equalBytes, type SecretKey, utf8 } from '../../kernel/bytes.ts';

/**
 * The most bytes of a part that is fetched: with what base64 adds it fits into an answer of a Lambda
 * (6 MB).
 */
export const maxPart = 4_194_304;

/** AES-256-GCM (NIST SP 800-38D). */
const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength;

/** Bytes that are sealed or opened at a time: so many stay in the cache of a processor. */
const sliceLength = 65_536;

/** Another one stands under the name of a part: the log, or what makes exports, is not what it was. */
export class PartDiffers extends Error {
  override readonly name = 'PartDiffers';
}

/** A part that was put is missing, or is not as it was put. */
export class PartDamaged extends Error {
  override readonly name = 'PartDamaged';
}

/** The bytes of one part. */
export type Pieces = readonly Uint8Array[];

/** What an export is made of, by names like `lines/0`. Rejects with the problem `store-unavailable`. */
export type ExportParts = {
  /**
   * Keeps pieces, one after another, under a name that is free, durably once it resolves; the very same
   * standing already count as kept. Resolves to their mark; rejects with {@link PartDiffers}.
   */
  readonly put: (name: string, pieces: Pieces) => Promise<Uint8Array>;
  /** Keeps them unless others stand; resolves to what stands. */
  readonly settle: (name: string, bytes: Uint8Array) => Promise<Uint8Array>;
  /** Rejects with {@link PartDamaged} for what was not put here. */
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  /**
   * The mark of what stands: the same for the same bytes under the same name, and for no others. Rejects
   * with {@link PartDamaged} where nothing stands, or what was not put here.
   */
  readonly mark: (name: string) => Promise<Uint8Array>;
};

type Objects = Pick<ObjectStore, 'get' | 'putIfAbsent'>;

const damaged = (options?: ErrorOptions): PartDamaged =>
  new PartDamaged('A part of an export is not as it was put.', options);

const slicesOf = function* (bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += sliceLength) yield bytes.subarray(at, at + sliceLength);
};

export const lengthOf = (pieces: Pieces): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

const nonceIn = (box: Uint8Array): Uint8Array => box.subarray(1, headLength);

/** Below which everything of an export stands, its plan too. */
export const exportFolder = (id: string): string => `export/${id}`;

/**
 * The parts of one export, sealed: they may hold what is known of a person. The same bytes under the
 * same name are sealed alike, so that a part which is made again meets itself: the nonce is a keyed
 * digest of them, and so it is their mark, too.
 */
export const exportParts = (derived: Objects, key: SecretKey, id: string): ExportParts => {
  const own = createHmac('sha256', key).update(`export-parts\0${id}`).digest();
  const keyOf = (name: string): string => `${exportFolder(id)}/${name}`;

  const nonceOf = (name: string, pieces: Pieces): Uint8Array => {
    const digest = createHmac('sha256', own).update(`${name}\0`);
    for (const piece of pieces) digest.update(piece);
    return digest.digest().subarray(0, nonceLength);
  };

  const seal = (name: string, pieces: Pieces): Uint8Array => {
    const nonce = nonceOf(name, pieces);
    const cipher = createCipheriv('aes-256-gcm', own, nonce).setAAD(utf8(name));
    const box = Buffer.allocUnsafe(headLength + lengthOf(pieces) + tagLength);
    box[0] = version;
    box.set(nonce, 1);
    let at = headLength;
    for (const piece of pieces) {
      for (const slice of slicesOf(piece)) {
        box.set(cipher.update(slice), at);
        at += slice.length;
      }
    }
    // This mode knows no blocks: nothing is held back until here but the tag.
    cipher.final();
    box.set(cipher.getAuthTag(), at);
    return box;
  };

  /** What is in a box, slice by slice; it is not to be believed before the last one was taken. */
  const slicesIn = function* (
    name: string,
    box: Uint8Array,
  ): Generator<Uint8Array, void, undefined> {
    const end = box.length - tagLength;
    if (box[0] !== version || end < headLength) throw damaged();
    const decipher = createDecipheriv('aes-256-gcm', own, nonceIn(box), {
      authTagLength: tagLength,
    })
      .setAAD(utf8(name))
      .setAuthTag(box.subarray(end));
    for (const slice of slicesOf(box.subarray(headLength, end))) yield decipher.update(slice);
    try {
      decipher.final();
    } catch (cause) {
      throw damaged({ cause });
    }
  };

  const open = (name: string, box: Uint8Array): Uint8Array => concat(...slicesIn(name, box));

  const place = async (name: string, pieces: Pieces) => {
    const box = seal(name, pieces);
    const answer = await derived.putIfAbsent(keyOf(name), box);
    return { box, ...(answer !== 'written' && { standing: answer }) };
  };

  return {
    put: async (name, pieces) => {
      const { box, standing } = await place(name, pieces);
      if (standing === undefined) return nonceIn(box);
      if (equalBytes(open(name, standing), concat(...pieces))) return nonceIn(standing);
      throw new PartDiffers('Another part of an export stands under this name.');
    },
    settle: async (name, bytes) => {
      const { standing } = await place(name, [bytes]);
      return standing === undefined ? bytes : open(name, standing);
    },
    get: async (name) => {
      const box = await derived.get(keyOf(name));
      return box === undefined ? undefined : open(name, box);
    },
    mark: async (name) => {
      const box = await derived.get(keyOf(name));
      if (box === undefined) throw damaged();
      slicesIn(name, box).forEach(() => undefined);
      return nonceIn(box);
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
): AsyncGenerator<Pieces, void, undefined> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  const gather = (bytes: Uint8Array): void => {
    gathered.push(bytes);
    size += bytes.length;
  };
  for await (const piece of pieces) {
    if (size > 0 && size + piece.length > most) {
      yield gathered;
      [gathered, size] = [[], 0];
    }
    let at = 0;
    for (; piece.length - at > most; at += most) yield [piece.subarray(at, at + most)];
    gather(piece.subarray(at));
  }
  if (size > 0) yield gathered;
};
