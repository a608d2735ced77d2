import * as z from 'zod';
import { DigestName } from '#events/names.ts';
import { equalBytes, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { ProvenCount } from '../census/census-tree.ts';
import { jsonIn } from '../leaf-json.ts';
import { fromBase64, toBase64 } from '../tlog/base64.ts';
import { hashSize } from '../tlog/hash.ts';

/** The most bytes of a line: 128 keys, each with two lines and what leads from them to the root. */
export const maxCensusLine = 1_048_576;

const Proof = z.string().transform((text, context) => {
  const hash = fromBase64(text);
  if (hash?.length === hashSize) return hash;
  context.addIssue('It is no hash.');
  return z.NEVER;
});

const Count = z.strictObject({
  key: z.string(),
  lines: z
    .array(z.strictObject({ at: z.int().min(0), line: z.string(), proof: z.array(Proof).max(64) }))
    .max(2),
});

const Line = z.strictObject({
  shard: z.int().min(0),
  index: z.int().min(0),
  from: z.int().min(0),
  to: z.int().min(0),
  n: z.int().min(0),
  root: DigestName,
  of: z.int().min(0),
  counts: z.array(Count),
});

/** A census in a filtered export: where its leaf stands, what it says, and what shows its counts. */
export type CensusRecord = Omit<z.infer<typeof Line>, 'counts'> & {
  /** How many lines it has. */
  readonly of: number;
  /** By ascending keys. */
  readonly counts: readonly ProvenCount[];
};

/** The one line of a census: RFC 8785 JSON, and a newline. */
export const formatCensusRecord = ({ counts, ...said }: CensusRecord): Uint8Array =>
  utf8(
    `${canonicalJson({
      ...said,
      counts: counts.map(({ key, lines }) => ({
        key,
        lines: lines.map(({ at, line, proof }) => ({ at, line, proof: proof.map(toBase64) })),
      })),
    })}\n`,
  );

/** Reads a line without its newline; undefined for all but the one spelling of each. */
export const readCensusRecord = (line: Uint8Array): CensusRecord | undefined => {
  const record = Line.safeParse(jsonIn(line)).data;
  if (record === undefined) return undefined;
  return equalBytes(line, formatCensusRecord(record).subarray(0, -1)) ? record : undefined;
};
