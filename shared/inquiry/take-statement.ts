import { type StatementMade, statementMadeVersion } from '#events/statement-made.ts';
import { addressOf } from '../audit/address.ts';
import { packRecord } from '../audit/pack.ts';
import { sha256Url } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { type InquiryId, newId, timeOf } from '../kernel/id.ts';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import type { StatementClaims } from '../message/claims.ts';
import { receiveStatement } from '../message/receive.ts';
import { tehranDayAt } from '../persian/tehran-day.ts';
import type { Directory } from '../registry/directory.ts';
import { type ChangeRecording, recordable } from '../registry/record-change.ts';
import type { StatedDay, StatementMark, StatementStore } from './statement-store.ts';

/** Milliseconds after its end within which a day can be stated: 62 days. */
export const statementTime = 62 * 86_400_000;

/** The exact `aud` of a statement. */
export const statementsUrl = (origin: string): string => `${origin}/v1/statements`;

/** What statements are taken with. */
export type StatementParts = ChangeRecording & {
  readonly settings: { readonly origin: string };
  readonly directory: Pick<Directory, 'keyOf'>;
  readonly statements: StatementStore;
};

/** What a statement came to. */
export type StatementResult = {
  /** The id of its leaf. */
  readonly id: InquiryId;
  readonly day: string;
  /** Whether it was on record before it was sent this time. */
  readonly repeated: boolean;
};

type Stated = StatementClaims['stm'];

const refused = (pointer: string, detail: string): Problem =>
  new Problem('invalid-claims', 'This cannot be stated.', { errors: [{ pointer, detail }] });

/** Agencies answer and do not ask; all others ask and do not answer. */
const checkCounts = ({ iss, stm }: StatementClaims): void => {
  const answers = roleOf(iss) === 'agency';
  if (answers && stm.asked.length > 0)
    throw refused('/stm/asked', 'must be empty: agencies answer');
  if (!answers && stm.answered !== undefined) {
    throw refused('/stm/answered', 'must be absent: only agencies answer');
  }
};

const checkDay = (date: string, now: number): void => {
  const day = tehranDayAt(date);
  if (day === undefined || day.until > now) {
    throw refused('/stm/day', 'must be a day that is over in Tehran');
  }
  if (now - day.until > statementTime) {
    throw refused('/stm/day', 'must have ended within the last 62 days');
  }
};

/** The same for equal contents, in whatever order the stations are named. */
const digestOf = ({ day, asked, answered }: Stated): string =>
  sha256Url(
    canonicalJson({
      day,
      asked: asked.toSorted((a, b) => (a.station < b.station ? -1 : 1)),
      ...(answered !== undefined && { answered }),
    }),
  );

const leafOf = (id: InquiryId, statement: string): string =>
  canonicalJson({
    v: statementMadeVersion,
    k: 'statement',
    id,
    t: timeOf(id),
    statement,
  } satisfies StatementMade);

/** What stands at a day behind a swap, whoever made it. */
const swap = async (
  { statements }: StatementParts,
  at: StatedDay,
  expected: StatementMark | undefined,
  next: StatementMark,
): Promise<StatementMark> => {
  const answer = await statements.compareAndSwap(at, expected, next);
  if (answer === 'written') return next;
  if (answer.standing === undefined) throw new Error('The mark of a stated day is gone.');
  return answer.standing;
};

/**
 * Puts the leaf of a mark on record unless it is; false when the time of its id is over and it is not.
 * Another record under this id is the same statement, signed anew: only this mark has the id.
 */
const record = async (
  { journal, layout, now }: StatementParts,
  { leaf }: StatementMark,
  jws: string,
): Promise<boolean> => {
  const address = addressOf(leaf, layout);
  if (now() - timeOf(leaf) <= recordable) {
    await journal.putRecord(address, { record: packRecord(leafOf(leaf, jws)) });
    return true;
  }
  return (await journal.read(address)).record !== undefined;
};

/** Finishes what stands at a day, whoever began it: its leaf on record, and then the mark that says so. */
const settle = async (
  parts: StatementParts,
  at: StatedDay,
  standing: StatementMark,
  jws: string,
): Promise<StatementMark> => {
  let mark = standing;
  while (!mark.recorded) {
    const isOnRecord = await record(parts, mark, jws);
    const next = isOnRecord
      ? { ...mark, recorded: true }
      : { ...mark, leaf: newId(parts.now(), parts.random) };
    mark = await swap(parts, at, mark, next);
  }
  return mark;
};

/**
 * A signed statement of a day, from its bytes to its leaf: verified; then the day is marked, once for
 * ever, with the id that its leaf will have; then the leaf is put into the journal, and only then is
 * it told. What is broken off is finished by the next try of the same statement. A suspended
 * participant may state its days too: what is missing must come to light all the more.
 *
 * Checks in their order: the message as such; the counts against the sender's role; that the day is
 * over in Tehran, and not longer ago than {@link statementTime} (`invalid-claims`); that nothing else
 * is stated for it (`reference-conflict`). Rejects with `store-unavailable`: it may be on record or
 * not, and sent again it is told.
 */
export const takeStatement =
  (parts: StatementParts) =>
  async (text: string): Promise<StatementResult> => {
    const { settings, directory, now, random } = parts;
    const audience = statementsUrl(settings.origin);
    const { claims, jws } = await receiveStatement(text, { audience, keyOf: directory.keyOf, now });
    const { iss: by, stm } = claims;
    checkCounts(claims);
    checkDay(stm.day, now());
    const at = { by, day: stm.day };
    const begun = { leaf: newId(now(), random), digest: digestOf(stm), recorded: false };
    const standing = await swap(parts, at, undefined, begun);
    if (standing.digest !== begun.digest) {
      throw new Problem('reference-conflict', 'Something else is stated for this day already.');
    }
    const { leaf } = await settle(parts, at, standing, jws);
    return { id: leaf, day: stm.day, repeated: standing.recorded };
  };
