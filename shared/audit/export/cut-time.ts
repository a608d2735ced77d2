import { parseNote } from '../tlog/note.ts';

/** Bytes of a signature with its time before it (C2SP tlog-cosignature). */
const cosignatureSize = 72;

/**
 * When a tree was last seen, by the cosignatures beside its checkpoint: seconds since 1970, undefined
 * when there is none. Nobody's signature is verified by this; it says what the bytes say.
 */
export const cutTime = (checkpoint: Uint8Array): number | undefined => {
  const times = (parseNote(checkpoint)?.signatures ?? [])
    .filter(({ signature }) => signature.length === cosignatureSize)
    .map(({ signature }) => Number(Buffer.from(signature).readBigUInt64BE(0)))
    .filter((time) => time > 0 && Number.isSafeInteger(time));
  return times.length === 0 ? undefined : Math.max(...times);
};
