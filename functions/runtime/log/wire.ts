import * as z from 'zod';
import type { SignAnswer, SignRequest } from '#shared/audit/sequence/ports.ts';
import { fromBase64, toBase64 } from '#shared/audit/tlog/base64.ts';
import { hashSize } from '#shared/audit/tlog/hash.ts';

/** Canonical base64 (RFC 4648 §4) of at most `max` bytes. */
const bytesOf = (max: number) =>
  z
    .string()
    .max(Math.ceil(max / 3) * 4)
    .transform((text, context): Uint8Array => {
      const bytes = fromBase64(text);
      if (bytes !== undefined) return bytes;
      context.addIssue('is no base64');
      return z.NEVER;
    });

const count = z.int().min(0);
const Hash = bytesOf(hashSize).refine(({ length }) => length === hashSize, 'has not 32 bytes');
/** C2SP signed-note: what 16 signatures take, which is more than a log of ours ever has. */
const Note = bytesOf(131_072);

/** What sign-checkpoint is invoked with: a {@link SignRequest}, its hashes as base64. */
export const SignEvent = z.strictObject({
  shard: count,
  oldSize: count,
  size: count,
  root: Hash,
  proof: z.array(Hash).max(64).readonly(),
});

/** What it returns: a {@link SignAnswer}, the note as base64. */
export const SignReply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('signed'), checkpoint: Note }),
  z.strictObject({ kind: z.literal('conflict'), size: count }),
  z.strictObject({ kind: z.literal('refused') }),
]);

export const formatSignEvent = ({ root, proof, ...rest }: SignRequest): object => ({
  ...rest,
  root: toBase64(root),
  proof: proof.map(toBase64),
});

export const formatSignReply = (answer: SignAnswer): object =>
  answer.kind === 'signed' ? { ...answer, checkpoint: toBase64(answer.checkpoint) } : answer;

/** What publish-log is invoked with by the sequencer. */
export const PublishEvent = z.strictObject({
  publish: z.strictObject({ shard: count, checkpoint: Note }),
});

/** What it returns: nothing, or that the log must not go on. */
export const PublishReply = z.strictObject({
  stopped: z.enum(['signer-refused', 'published-damaged']).optional(),
});

export const formatPublishEvent = (shard: number, checkpoint: Uint8Array): object => ({
  publish: { shard, checkpoint: toBase64(checkpoint) },
});
