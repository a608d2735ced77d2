import { InquiryId, timeOf } from '../../../kernel/id.ts';
import type { TehranDay } from '../../../persian/tehran-day.ts';
import { readReceipt } from '../../verify/check-receipt.ts';
import { FailedInput } from '../failed-input.ts';
import { readInput } from '../read-file.ts';

/** The most bytes of a file of records: some fifty thousand receipts. */
const maxRecords = 67_108_864;

/** An inquiry that somebody knows of, and the leaf hash that its receipt promised. */
export type OwnRecord = { readonly id: InquiryId; readonly leaf?: string };

/** Where a record stands: its file and line. */
type Placed = OwnRecord & { readonly place: string };

/** The lines of a file that hold something, and where each stands. */
const linesOf = async (
  path: string,
): Promise<readonly { readonly text: string; readonly place: string }[]> =>
  Buffer.from(await readInput(path, maxRecords))
    .toString('latin1')
    .split('\n')
    .flatMap((line, n) => {
      const text = line.trim();
      return text === '' ? [] : [{ text, place: `${path}, line ${n + 1}` }];
    });

/** The receipts in a file, a compact JWS on a line; throws {@link FailedInput}. */
const receiptsIn = async (path: string, owner: string): Promise<readonly Placed[]> =>
  (await linesOf(path)).map(({ text, place }) => {
    const receipt = readReceipt(text);
    if (receipt === undefined) {
      throw new FailedInput('malformed', `${place}: it is not a receipt, a compact JWS.`);
    }
    const { aud, inq_id: id, leaf } = receipt.claims;
    if (aud !== owner) {
      throw new FailedInput(
        'malformed',
        `${place}: it is a receipt of another participant. What a delegate asked for you is handed in by --ids.`,
      );
    }
    return { id, leaf, place };
  });

/** The ids in a file, one on a line; throws {@link FailedInput}. */
const idsIn = async (path: string): Promise<readonly Placed[]> =>
  (await linesOf(path)).map(({ text, place }) => {
    const { success, data: id } = InquiryId.safeParse(text);
    if (!success) throw new FailedInput('malformed', `${place}: it is not the id of an inquiry.`);
    return { id, place };
  });

/**
 * Each inquiry once, with its leaf where one of its records has it. Two receipts that promise different
 * leaves are evidence against the exchange, and nothing to be reconciled.
 */
const eachOnce = (placed: readonly Placed[]): readonly OwnRecord[] => {
  const known = new Map<string, Placed>();
  for (const one of placed) {
    const before = known.get(one.id);
    if (before?.leaf !== undefined && one.leaf !== undefined && before.leaf !== one.leaf) {
      throw new FailedInput(
        'receipt',
        `${before.place} and ${one.place}: two receipts of one inquiry promise different leaves. ` +
          'Keep both: they are evidence.',
      );
    }
    if (before?.leaf === undefined) known.set(one.id, one);
  }
  return [...known.values()].map(({ place: _, ...record }) => record);
};

/**
 * What somebody has of a day in files of receipts and of ids; `others`: how many are of other days.
 * Rejects with {@link FailedInput}.
 */
export const ownRecords = async (
  files: { readonly receipts: readonly string[]; readonly ids: readonly string[] },
  { owner, day }: { readonly owner: string; readonly day: TehranDay },
): Promise<{ readonly records: readonly OwnRecord[]; readonly others: number }> => {
  const placed: Placed[] = [];
  for (const path of files.receipts) placed.push(...(await receiptsIn(path, owner)));
  for (const path of files.ids) placed.push(...(await idsIn(path)));
  const all = eachOnce(placed);
  const records = all.filter(({ id }) => timeOf(id) >= day.from && timeOf(id) < day.until);
  return { records, others: all.length - records.length };
};
