import { equalBytes, fromBase64Url, toBase64Url, utf8 } from '../../kernel/bytes.ts';
import { ascending } from '../ascending.ts';
import { checkInclusion } from '../tlog/check.ts';
import { emptyRoot, type Hash, leafHash } from '../tlog/hash.ts';
import { proveInclusion } from '../tlog/prove.ts';
import { appendTo, emptyEdge, partialTiles, rootOfHashes } from '../tlog/tree.ts';

/** The root over the lines of a census, base64url. */
export const rootOfLines = (lines: readonly string[]): string =>
  toBase64Url(rootOfHashes(lines.map((line) => leafHash(utf8(line)))));

/** A line of a census: its place among them, and what leads from it to the root. */
export type ProvenLine = {
  readonly at: number;
  readonly line: string;
  readonly proof: readonly Hash[];
};

/**
 * What shows how often a key is counted: its line; or, where it is not counted at all, the lines that
 * stand beside the place it would have, one before and one behind, if there are such.
 */
export type ProvenCount = { readonly key: string; readonly lines: readonly ProvenLine[] };

const hasKey = (line: string, key: string): boolean => line.startsWith(`${key} `);

/** Whether a line stands before those of a key: a space is less than whatever else a key may hold. */
const isBefore = (line: string, key: string): boolean => ascending(line, `${key} `) < 0;

const isBehind = (line: string, key: string): boolean => !isBefore(line, key) && !hasKey(line, key);

const countIn = (line: string, key: string): number | undefined => {
  const digits = hasKey(line, key) ? line.slice(key.length + 1) : '';
  const count = /^[1-9][0-9]{0,15}$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
};

/** The places that a count is shown by, in the lines as they are sorted. */
const placesOf = (lines: readonly string[], key: string): readonly number[] => {
  const own = lines.findIndex((line) => hasKey(line, key));
  if (own !== -1) return [own];
  const behind = lines.findIndex((line) => isBehind(line, key));
  const next = behind === -1 ? lines.length : behind;
  return [next - 1, next].filter((at) => at >= 0 && at < lines.length);
};

/** Shows how often keys are counted, by the lines of a census. */
export const proveCounts = async (
  lines: readonly string[],
  keys: readonly string[],
): Promise<readonly ProvenCount[]> => {
  const tiles = new Map<string, Uint8Array>();
  const { append, edge } = appendTo(emptyEdge, ({ level, index, bytes }) => {
    tiles.set(`${level}/${index}`, bytes.slice());
  });
  for (const line of lines) append(leafHash(utf8(line)));
  for (const { level, index, bytes } of partialTiles(edge())) tiles.set(`${level}/${index}`, bytes);
  const prove = (at: number): Promise<readonly Hash[]> =>
    proveInclusion(at, lines.length, async (wanted) =>
      wanted.map(({ level, index }) => tiles.get(`${level}/${index}`) ?? new Uint8Array()),
    );
  const counts: ProvenCount[] = [];
  for (const key of keys) {
    const proven: ProvenLine[] = [];
    for (const at of placesOf(lines, key)) {
      proven.push({ at, line: lines[at] ?? '', proof: await prove(at) });
    }
    counts.push({ key, lines: proven });
  }
  return counts;
};

/** Whether the lines stand on both sides of the place that a key would have, and next to each other. */
const showAbsence = (lines: readonly ProvenLine[], key: string, of: number): boolean => {
  const [first, second] = lines;
  if (first === undefined) return of === 0;
  if (second !== undefined) {
    return isBefore(first.line, key) && isBehind(second.line, key) && second.at === first.at + 1;
  }
  return isBefore(first.line, key)
    ? first.at === of - 1
    : isBehind(first.line, key) && first.at === 0;
};

/**
 * How often a census of `of` lines under this root counts a key, 0 included; undefined when it is not
 * shown. That a key is absent rests on the order of the lines, which whoever takes the census again
 * sees by its root. Another `of` than the true one shows nothing that is wrong: which line is the first
 * or the last, and which two are neighbours, lies in the sides that the proofs come from.
 */
export const provenCount = (
  { root, of }: { readonly root: string; readonly of: number },
  { key, lines }: ProvenCount,
): number | undefined => {
  const hash = fromBase64Url(root);
  if (hash === undefined || lines.length > 2) return undefined;
  if (lines.length === 0 && !equalBytes(hash, emptyRoot)) return undefined;
  const areIn = lines.every(({ at, line, proof }) => {
    const leaf = leafHash(utf8(line));
    return checkInclusion({ leaf, index: BigInt(at), size: BigInt(of), root: hash, proof });
  });
  if (!areIn) return undefined;
  const own = lines.length === 1 ? countIn(lines[0]?.line ?? '', key) : undefined;
  if (own !== undefined) return own;
  return showAbsence(lines, key, of) ? 0 : undefined;
};
