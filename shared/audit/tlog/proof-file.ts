import { concat, utf8 } from '../../kernel/bytes.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { parseUint64 } from './decimal.ts';
import { type Hash, hashSize } from './hash.ts';

/** A `.tlog-proof` (C2SP tlog-proof): that an entry is in a log, verifiable without a network. */
export type ProofFile = {
  /** Not authenticated by anything here: in ours, the entry itself. */
  readonly extra: Uint8Array | undefined;
  readonly index: bigint;
  readonly proof: readonly Hash[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
};

const header = 'c2sp.org/tlog-proof@v1';

/** The most bytes of a proof: the largest entry in base64, 64 hashes and a note. */
export const maxProofFile = 262_144;

export const formatProofFile = ({ extra, index, proof, checkpoint }: ProofFile): Uint8Array => {
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
    '',
  ];
  return concat(utf8(lines.map((line) => `${line}\n`).join('')), checkpoint);
};

const parseHash = (line: string): Hash | undefined => {
  const hash = fromBase64(line);
  return hash?.length === hashSize ? hash : undefined;
};

const parseExtra = (line: string | undefined): Uint8Array | undefined =>
  line?.startsWith('extra ') === true ? fromBase64(line.slice(6)) : undefined;

/** Reads a proof; undefined when its form is not exactly right. The checkpoint is not looked into. */
export const parseProofFile = (bytes: Uint8Array): ProofFile | undefined => {
  if (bytes.length > maxProofFile) return undefined;
  // Everything before the checkpoint is ASCII; the checkpoint keeps its bytes.
  const text = Buffer.from(bytes).toString('latin1');
  const border = text.indexOf('\n\n');
  if (border < 0 || border + 2 === text.length) return undefined;
  const [first, ...lines] = text.slice(0, border).split('\n');
  const hasExtra = lines[0]?.startsWith('extra ') === true;
  const extra = parseExtra(lines[0]);
  const [indexLine = '', ...rest] = hasExtra ? lines.slice(1) : lines;
  const index = indexLine.startsWith('index ') ? parseUint64(indexLine.slice(6)) : undefined;
  const proof = rest.map(parseHash).filter((hash) => hash !== undefined);
  if (first !== header || index === undefined || (hasExtra && extra === undefined))
    return undefined;
  if (proof.length !== rest.length || rest.length > 64) return undefined;
  return { extra, index, proof, checkpoint: bytes.subarray(border + 2) };
};
