import * as z from 'zod';
import { bucketOf } from '../../audit/address.ts';
import { type Statement, statementOf } from '../../audit/completeness/statement.ts';
import { payloadAs } from '../../audit/leaf-json.ts';
import { timeOf } from '../../kernel/id.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { StatementClaims } from '../../message/claims.ts';
import { kinds } from '../../message/kind.ts';
import { tehranDayAt } from '../../persian/tehran-day.ts';
import { audiencesOf } from './audience.ts';
import { checkMessage, type Fault } from './check-message.ts';
import type { Findings } from './findings.ts';
import type { JudgeSettings } from './judge.ts';
import type { KeyBook } from './key-book.ts';
import type { NotedLeaf } from './noted-leaf.ts';

export type StatementLeaf = Extract<NotedLeaf, { readonly kind: 'statement' }>;

export type StatementsCheck = {
  /** Takes the next leaf of a statement. */
  readonly take: (leaf: StatementLeaf, index: number) => void;
  /** Judges what no leaf that follows can shed light on: the log has come to that bucket. */
  readonly settle: (bucket: number) => Promise<void>;
  /** Judges the rest; how many there were. */
  readonly finish: () => Promise<number>;
};

export const statementFaults = {
  'wrong-audience': 'The statement was for another exchange.',
  'statement-day-open': 'It states a day that was not over, or that there is not.',
  'statement-of-others': 'It states numbers that its participant does not use.',
} as const;
type StatementFault = keyof typeof statementFaults;

/** Milliseconds by which the clocks of two processes may differ. */
const clockSpread = 10_000;

/** Milliseconds after the time inside its id within which a leaf may still be put on record. */
const recordable = 86_400_000;

const Issued = z.looseObject({ iat: z.int() });

/** When a statement was taken: what broke off is finished under its first id, signed anew. */
const timeOfTaking = ({ event: { t, statement } }: StatementLeaf): number => {
  const issued = (payloadAs(statement, Issued)?.iat ?? 0) * 1000;
  return issued > t && issued - t <= recordable ? issued : t;
};

const broken = (when: boolean, fault: StatementFault): readonly Fault[] =>
  when ? [{ fault, detail: statementFaults[fault] }] : [];

/** Agencies answer and do not ask; all others ask and do not answer. */
const isOfOthers = ({ iss, stm }: StatementClaims): boolean =>
  roleOf(iss) === 'agency' ? stm.asked.length > 0 : stm.answered !== undefined;

const checkStatement = async (
  leaf: StatementLeaf,
  index: number,
  origin: string,
  book: Pick<KeyBook, 'find'>,
): Promise<{ readonly faults: readonly Fault[]; readonly note?: string | undefined }> => {
  const time = timeOfTaking(leaf);
  const message = await checkMessage({
    jws: leaf.event.statement,
    kind: kinds.statement,
    claims: StatementClaims,
    book,
    place: { index, bucket: bucketOf(timeOf(leaf.id)) },
    time,
  });
  if (message.faults !== undefined) {
    return {
      faults: message.faults.map(({ fault, detail }) => ({ fault: `statement-${fault}`, detail })),
    };
  }
  const { claims, note } = message;
  const until = tehranDayAt(claims.stm.day)?.until ?? Number.POSITIVE_INFINITY;
  return {
    note,
    faults: [
      ...broken(!audiencesOf(origin, '/v1/statements').includes(claims.aud), 'wrong-audience'),
      ...broken(until > time + clockSpread, 'statement-day-open'),
      ...broken(isOfOthers(claims), 'statement-of-others'),
    ],
  };
};

type Waiting = { readonly leaf: StatementLeaf; readonly index: number; readonly bucket: number };

/**
 * Judges statements by the keys on record before them; each that is right is handed over. A leaf waits
 * until the next bucket is over, since the slots of a bucket follow a secret order.
 */
export const statementsCheck = (
  { origin, signatures }: JudgeSettings,
  book: Pick<KeyBook, 'find'>,
  findings: Pick<Findings, 'add' | 'note'>,
  stated: (statement: Statement) => void,
): StatementsCheck => {
  let waiting: Waiting[] = [];
  let many = 0;

  const judge = async ({ leaf, index }: Waiting): Promise<void> => {
    const { faults, note } = await checkStatement(leaf, index, origin, book);
    for (const { fault, detail } of faults) {
      findings.add({ failure: 'message', fault, index, detail });
    }
    if (note !== undefined) findings.note(note, index);
    const statement = statementOf(leaf.event);
    if (faults.length === 0 && statement !== undefined) stated(statement);
  };

  const settle = async (isOver: (one: Waiting) => boolean): Promise<void> => {
    const over = waiting.filter(isOver);
    if (over.length === 0) return;
    waiting = waiting.filter((one) => !isOver(one));
    for (const one of over) await judge(one);
  };

  return {
    take: (leaf, index) => {
      if (!signatures) return;
      many += 1;
      waiting.push({ leaf, index, bucket: bucketOf(timeOf(leaf.id)) });
    },
    settle: (bucket) => settle((one) => bucket > one.bucket + 1),
    finish: async () => {
      await settle(() => true);
      return many;
    },
  };
};
