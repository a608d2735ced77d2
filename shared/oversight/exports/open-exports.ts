import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Job, JobStore } from '../job-store.ts';
import { keptJob } from './forget-export.ts';

/** Exports that may be open at once: of one reader, of all, and of all who are not there to audit. */
export const mostOpen = { own: 3, all: 32, others: 16 } as const;

/** Seconds after which somebody with too many open exports may come back. */
const busyTime = 30;

/** Who audits, and who reads what is its own: neither keeps the other waiting. */
export const readerClasses = ['auditing', 'others'] as const;
export type ReaderClass = (typeof readerClasses)[number];

export const classOf = (by: string): ReaderClass =>
  by.startsWith('auditor:') || by.startsWith('registrar:') ? 'auditing' : 'others';

const OpenExport = z.strictObject({
  id: InquiryId,
  by: z.string(),
  /** When it came onto the list, in milliseconds since 1970. */
  since: z.int(),
});
export type OpenExport = Readonly<z.infer<typeof OpenExport>>;

const List = z.strictObject({ open: z.array(OpenExport) });

/** Where the list stands: it is one job, of a kind of its own, changed by compare-and-swap. */
export type OpenExports = Pick<JobStore, 'read' | 'swap'>;

const listId = '00000000-0000-7000-8000-000000000000';

const openIn = (job: Job | undefined): readonly OpenExport[] =>
  job === undefined ? [] : List.parse(job.state).open;

/** Which exports are taken or being made: they are found by it, however many are kept. */
export const listOpen = async ({
  read,
}: Pick<OpenExports, 'read'>): Promise<readonly OpenExport[]> => openIn(await read(listId));

/** Changes the list, durably once it resolves; `change` may be asked again, and may throw. */
const changeList = async (
  { read, swap }: OpenExports,
  now: number,
  change: (open: readonly OpenExport[]) => readonly OpenExport[],
): Promise<void> => {
  let standing = await read(listId);
  for (;;) {
    const open = openIn(standing);
    const next = change(open);
    if (next.length === open.length) return;
    const state = { open: next.map((one) => ({ ...one })) };
    const version = (standing?.version ?? 0) + 1;
    const answer = await swap({ id: listId, version, state, until: now + keptJob });
    if (answer === 'written') return;
    ({ standing } = answer);
  }
};

const busy = (quota: number): Problem =>
  new Problem('rate-limited', 'Wait until an export that is open is done.', {
    retryAfter: busyTime,
    limits: [{ name: 'open-exports', quota, window: busyTime, left: 0, reset: busyTime }],
  });

/**
 * Takes a place for an export; one that has it keeps it. Throws `rate-limited` where its reader has too
 * many, or all have; and `reference-conflict` where the id is another reader's. Rejects with
 * `store-unavailable`, and then it may have been taken or not.
 */
export const takePlace = (
  store: OpenExports,
  { id, by }: Pick<OpenExport, 'id' | 'by'>,
  now: number,
): Promise<void> =>
  changeList(store, now, (open) => {
    const standing = open.find((one) => one.id === id);
    if (standing?.by === by) return open;
    if (standing !== undefined) {
      throw new Problem('reference-conflict', 'Another export stands under this id.');
    }
    if (open.filter((one) => one.by === by).length >= mostOpen.own) throw busy(mostOpen.own);
    const others = open.filter((one) => classOf(one.by) === 'others').length;
    const isFull = classOf(by) === 'others' && others >= mostOpen.others;
    if (isFull || open.length >= mostOpen.all) throw busy(mostOpen.own);
    return [...open, { id, by, since: now }];
  });

/** Puts exports onto the list that are open and not there, however many it has. */
export const restorePlaces = (
  store: OpenExports,
  exports: readonly Pick<OpenExport, 'id' | 'by'>[],
  now: number,
): Promise<void> =>
  changeList(store, now, (open) => {
    const known = new Set(open.map(({ id }) => id));
    const missing = exports.filter(({ id }) => !known.has(id));
    return [...open, ...missing.map(({ id, by }) => ({ id, by, since: now }))];
  });

/** Gives places back; one that has none counts as given back. */
export const leavePlaces = (
  store: OpenExports,
  ids: readonly InquiryId[],
  now: number,
): Promise<void> => changeList(store, now, (open) => open.filter(({ id }) => !ids.includes(id)));

/** Which class was served last, and which export of each. */
export type Turns = { readonly served: ReaderClass } & Readonly<Record<ReaderClass, string>>;

export const noTurns: Turns = { served: 'others', auditing: '', others: '' };

/** Who is to be served next, and who after that: one class by turns with the other, each in turns. */
export const inTurns = (open: readonly OpenExport[], last: Turns): readonly OpenExport[] => {
  const own = (one: ReaderClass): readonly OpenExport[] => {
    const sorted = open
      .filter(({ by }) => classOf(by) === one)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const behind = sorted.filter(({ id }) => id > last[one]);
    return [...behind, ...sorted.slice(0, sorted.length - behind.length)];
  };
  return [...readerClasses.filter((one) => one !== last.served).flatMap(own), ...own(last.served)];
};
