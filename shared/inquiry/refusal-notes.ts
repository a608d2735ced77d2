import * as z from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { InquiryId } from '../kernel/id.ts';
import type { Problem } from '../kernel/problem.ts';
import { ParticipantId } from '../message/claims.ts';
import { isCheckCode } from './checks.ts';

/** What API Gateway, and what one machine, calls a request. */
export const RequestId = z.string().regex(/^[A-Za-z0-9_=-]{1,64}$/);

/** Milliseconds that a note is kept. */
export const noteTime = 86_400_000;

/** Pointers that a note keeps; an answer may hold more. */
export const maxNoted = 16;

/** Why a message was refused whose signature held: codes and organisations, never a person. */
export const RefusalNote = z.strictObject({
  /** The request, as its answer names it. */
  request: RequestId,
  /** Who may know: whoever signed it, and the counter that was asked for. */
  readers: z.array(ParticipantId).min(1).max(2),
  /** Milliseconds since 1970. */
  t: z.int(),
  check: z.string().refine(isCheckCode),
  inquiry: InquiryId.optional(),
  /** Why an agency's answer was not accepted, as a code. */
  cause: z.string().max(64).optional(),
  errors: z
    .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
    .max(maxNoted)
    .optional(),
});
export type RefusalNote = z.infer<typeof RefusalNote>;

/**
 * Notes of refusals, by their request: for a day, and nothing depends on them. Reject with the
 * problem `store-unavailable`.
 */
export type RefusalNotes = {
  /** Kept once it resolves. */
  readonly put: (note: RefusalNote) => Promise<void>;
  /** The note of a request; undefined when there is none, or when its time has passed. */
  readonly find: (request: string) => Promise<RefusalNote | undefined>;
};

/** Whether a note still counts: stores forget late. */
export const isKept = ({ t }: Pick<RefusalNote, 't'>, now: ReturnType<Clock>): boolean =>
  now < t + noteTime;

/** What is known of a refused message beside its problem, as far as it came. */
export type RefusedMessage = {
  readonly request: string;
  readonly readers: readonly string[];
  readonly inquiry?: string | undefined;
  readonly cause?: string | undefined;
};

/** The note of a refusal; undefined for one that no check led to, or that nobody is known to have sent. */
export const noteOf = (
  { extras: { check, by, errors } }: Problem,
  { request, readers, inquiry, cause }: RefusedMessage,
  t: number,
): RefusalNote | undefined => {
  const known = by === undefined ? readers : [by];
  const note = {
    request,
    readers: [...new Set(known)],
    t,
    check,
    inquiry,
    cause,
    errors: errors?.slice(0, maxNoted),
  };
  return RefusalNote.safeParse(note).data;
};
