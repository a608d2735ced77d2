import type { MeterStore } from '../inquiry/meter-store.ts';
import type { MeterWindow } from '../inquiry/meter-window.ts';
import { type Clock, numericDate } from '../kernel/clock.ts';
import { Problem, type ProblemName } from '../kernel/problem.ts';
import type { Access, NoteAccess } from './note-access.ts';

/** Refusals of a key that are put on record in a minute; more are told to slow down, and are alarming. */
export const refusalsPerMinute = 30;

const minute = 60_000;

/** What a refused read and one that tries too often are counted and named as. */
const limitName = 'refused-reads';

/** Refusals that say where a reader tried to look: they are on record like what it saw. */
const telling: ReadonlySet<ProblemName> = new Set<ProblemName>(['out-of-scope']);

/** What reads are put on record with. */
export type RecordParts = {
  readonly noteAccess: NoteAccess;
  readonly meters: Pick<MeterStore, 'take'>;
  readonly now: Clock;
};

/** Who reads, by which key, and what it asks. */
export type Read = Omit<Access, 'n' | 'refused'>;

/** What a read shows, and how many entries that is. */
export type Shown = { readonly n: number };

const windowOf = (kid: string, t: number): MeterWindow => {
  const from = Math.floor(t / minute) * minute;
  return { key: `${limitName} ${kid} minute ${numericDate(from)}`, from, until: from + minute };
};

/** Throws `rate-limited` where a key was refused too often; whoever has read on is not hindered by it. */
const spendRefusal = async (
  { meters, now }: Pick<RecordParts, 'meters' | 'now'>,
  kid: string,
): Promise<void> => {
  const t = now();
  const window = windowOf(kid, t);
  const { given } = await meters.take(window, { want: 1, most: refusalsPerMinute });
  if (given > 0) return;
  const reset = Math.max(1, Math.ceil((window.until - t) / 1000));
  const limit = { name: limitName, quota: refusalsPerMinute, window: 60, left: 0, reset };
  throw new Problem('rate-limited', 'This key was refused too often; wait, or ask for its scope.', {
    retryAfter: reset,
    limits: [limit],
    alarm: limitName,
  });
};

/**
 * Does the work of a read and puts it on record before anything of it is told: as many entries as it
 * shows, or that it was refused (`out-of-scope`). Where that cannot be written nothing is shown
 * (`store-unavailable`). Refusals are limited for each key: what is beyond is `rate-limited` and no
 * leaf, so that a log cannot be filled by asking for what one may not see.
 */
export const onRecord =
  (parts: RecordParts) =>
  async <Page extends Shown>(read: Read, work: () => Promise<Page>): Promise<Page> => {
    try {
      const page = await work();
      await parts.noteAccess({ ...read, n: page.n });
      return page;
    } catch (refusal) {
      if (!(refusal instanceof Problem) || !telling.has(refusal.name)) throw refusal;
      await spendRefusal(parts, read.kid);
      await parts.noteAccess({ ...read, n: 0, refused: true });
      throw refusal;
    }
  };
