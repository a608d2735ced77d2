import { InquiryAsked } from '#events/inquiry-asked.ts';
import { addressOf, type Layout } from '../../audit/address.ts';
import { unpackRecord } from '../../audit/pack.ts';
import type { JournalStore } from '../../audit/ports.ts';
import { freshness } from '../../inquiry/can-begin.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { BareRow } from '../feeding/subject-index.ts';

/** Rows of the journal that are read at once. */
const atOnce = 16;

/**
 * The time before which the id of whatever was asked before a moment lies: the clock of a counter may be
 * that far ahead.
 */
export const endOfIds = (moment: number): number => moment + freshness + 1;

/**
 * Those of some rows that were asked before a moment. Where a counter's clock may make the difference, the
 * exchange's own decides; once the journal has forgotten that, the time inside the id does.
 */
export const askedBefore = async (
  { journal, layout }: { readonly journal: Pick<JournalStore, 'read'>; readonly layout: Layout },
  rows: readonly BareRow[],
  moment: number,
): Promise<readonly BareRow[]> => {
  const askedAt = async ({ id, t }: BareRow): Promise<number> => {
    if (Math.abs(t - moment) > freshness) return t;
    const { intent } = await journal.read(addressOf(id, layout));
    return intent === undefined ? t : InquiryAsked.parse(JSON.parse(unpackRecord(intent.record))).t;
  };
  const meant = await inChunks(atOnce, rows, async (row) =>
    (await askedAt(row)) < moment ? [row] : [],
  );
  return meant.flat();
};
