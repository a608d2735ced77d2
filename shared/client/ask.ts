import type { Outcome } from '#events/outcome.ts';
import { readLimits } from '../api/limit-fields.ts';
import type { InquiryId } from '../kernel/id.ts';
import type { LimitState } from '../kernel/limit-state.ts';
import type { KeyDirectory } from '../message/key.ts';
import {
  type CheckedAnswer,
  type CheckedReceipt,
  checkAnswer,
  checkReceipt,
  readSubmitBody,
  type Trust,
} from './check-reply.ts';
import { type Connection, jsonOf, type ReadReply, send } from './read.ts';
import { type ReceivedProblem, readProblem } from './received-problem.ts';
import { isPassing, pauseBefore } from './retry.ts';
import { targetOf } from './route.ts';
import { readServerTiming, type TimedStep } from './server-timing.ts';
import { type Asker, type Draft, type SignedRequest, signDraft } from './sign-request.ts';

type Exchanged = {
  readonly inqId: InquiryId;
  /** Every token that was sent, the first first: to be kept beside the receipt. */
  readonly sent: readonly SignedRequest[];
};

/** What became of an inquiry; whatever is in it was verified. */
export type AskResult = Exchanged &
  (
    | {
        readonly kind: 'answered';
        readonly status: number;
        readonly outcome: Outcome;
        readonly receipt: CheckedReceipt;
        /** Absent when no data was released, or it is no longer held. */
        readonly answer: CheckedAnswer | undefined;
        /** How the quotas stand that it was counted on; none for a retry. The exchange's word only. */
        readonly limits: readonly LimitState[];
        readonly serverTiming: readonly TimedStep[];
      }
    | {
        readonly kind: 'refused';
        readonly status: number;
        readonly problem: ReceivedProblem;
        /** There whenever the inquiry stands in the journal with its outcome. */
        readonly receipt: CheckedReceipt | undefined;
        /** The limits that it broke, and those beside them. */
        readonly limits: readonly LimitState[];
        readonly serverTiming: readonly TimedStep[];
      }
    /** No whole answer came back: send the same draft again to learn what became of it. */
    | { readonly kind: 'lost'; readonly cause: unknown }
  );

export type AskDeps = {
  /** What was signed for this draft so far; {@link sendDraft} adds to it. */
  readonly sentOf: (draft: Draft) => SignedRequest[];
  readonly connection: Connection;
  readonly asker: Asker;
  readonly trust: () => Promise<Trust>;
  /** The agency of a service and its keys. */
  readonly agencyOf: (
    service: string,
  ) => Promise<{ readonly id: string; readonly keyOf: KeyDirectory }>;
};

const judge = async (
  { reply, text }: ReadReply,
  draft: Draft,
  sent: readonly SignedRequest[],
  deps: AskDeps,
): Promise<AskResult> => {
  const json = jsonOf(text);
  const { status } = reply;
  const serverTiming = readServerTiming(reply.headers.get('server-timing'));
  const limits = readLimits((name) => reply.headers.get(name));
  const common = { inqId: draft.inq.id, sent, status, limits, serverTiming };
  if (status !== 200) {
    const { problem, receipt: token } = readProblem(status, json);
    const receipt =
      token === undefined
        ? undefined
        : await checkReceipt(token, draft.inq.id, sent, await deps.trust());
    return { ...common, kind: 'refused', problem, receipt };
  }
  const body = readSubmitBody(json);
  const trust = await deps.trust();
  const receipt = await checkReceipt(body.receipt, draft.inq.id, sent, trust);
  const answer =
    body.answer === undefined
      ? undefined
      : await checkAnswer(body.answer, receipt, await deps.agencyOf(draft.inq.service), trust);
  return { ...common, kind: 'answered', outcome: receipt.claims.outcome, receipt, answer };
};

/**
 * Sends a draft until it is settled: after a lost connection, 429 or 503 again with the same `inq`
 * and `_sd` under a fresh `jti` (protocol.md §6), so that the agency is never asked twice. Throws
 * `UntrustedReply` when a receipt or an answer does not hold.
 */
export const sendDraft = async (draft: Draft, deps: AskDeps): Promise<AskResult> => {
  const { connection, asker } = deps;
  const sent = deps.sentOf(draft);
  for (let tried = 1; ; tried += 1) {
    const request = await signDraft(draft, asker);
    sent.push(request);
    const got = await send(connection, 'POST', targetOf('submitInquiry', {}), {
      headers: { 'content-type': 'application/sd-jwt', accept: 'application/json' },
      body: request.token,
    });
    const passing =
      got.reply === undefined ||
      isPassing(got.reply.status, readProblem(got.reply.status, jsonOf(got.text)).receipt);
    const pause = passing ? pauseBefore(tried, got.reply, asker) : undefined;
    if (pause !== undefined) {
      await connection.wait(pause);
    } else if (got.reply === undefined) {
      return { kind: 'lost', inqId: draft.inq.id, sent: [...sent], cause: got.cause };
    } else {
      return judge(got, draft, [...sent], deps);
    }
  }
};
