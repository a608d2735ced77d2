import { addressOf } from '../audit/address.ts';
import { Problem } from '../kernel/problem.ts';
import { counterOf, delegateOf } from '../message/claims.ts';
import { receiveRequest, type VerifiedRequest } from '../message/receive.ts';
import { type Allowed, decide, type Ruling } from '../registry/decide.ts';
import { acceptAnswer } from './accept-answer.ts';
import { refusalOfNew } from './can-begin.ts';
import { closeInquiry, denied, type Result } from './close.ts';
import { type Exchange, inquiriesUrl } from './exchange.ts';
import { type Forward, signForward } from './forward.ts';
import type { Timed } from './ports.ts';
import { type Asked, asked, toIntentRow } from './record.ts';
import { settleAgain } from './settle-again.ts';
import type { Settled } from './settled.ts';
import { nothingSpent, type Spent } from './spend-quota.ts';

export type InquiryCall = {
  /** The body, verbatim. */
  readonly text: string;
  readonly traceparent: string;
  readonly timed: Timed;
  /** Told of the request once it holds, whatever becomes of it then. */
  readonly verified?: (request: VerifiedRequest) => unknown;
};

/**
 * One inquiry from its bytes to its receipt, in the order of protocol.md §5 and audit-log.md §1. A
 * message that does not hold throws a {@link Problem} and leaves nothing behind; from the durable
 * intent on, every way out leaves a durable outcome or releases nothing.
 */
export const submitInquiry =
  (exchange: Exchange) =>
  async ({ text, traceparent, timed, verified }: InquiryCall): Promise<Settled> => {
    const { directory, journal, now, settings } = exchange;
    const receiver = { audience: inquiriesUrl(settings.origin), keyOf: directory.keyOf, now };
    const request = await timed('verify', () => receiveRequest(text, receiver));
    verified?.(request);
    const address = addressOf(request.claims.inq.id, settings.layout);
    const refusal = await refusalOfNew(exchange, address);
    const settleStanding = async (refused: Problem): Promise<Settled> => {
      const { intent } = await timed('journal', () => journal.read(address));
      if (intent === undefined) throw refused;
      const { ruling } = await ruleOn(exchange, request);
      return settleAgain(exchange, address, request, ruling, intent);
    };
    if (refusal !== undefined) return settleStanding(refusal);
    // Whatever is needed to finish is fetched and signed before anything is written.
    await exchange.signer();
    const { ruling, t } = await timed('decide', () => ruleOn(exchange, request));
    const spent = await spend(exchange, ruling, t, timed);
    if (spent instanceof Problem) return settleStanding(spent);
    const ask = await orGiveBack(spent, () => preparedAsk(exchange, text, request, ruling));
    const intent = toIntent(request, ruling, t);
    const disclosures = request.disclosures.map((disclosure) => disclosure.text);
    const row = toIntentRow(intent, disclosures, exchange);
    const standing = await timed('intent', () => journal.putIntent(address, row));
    if (standing !== 'written') {
      spent.giveBack();
      return settleAgain(exchange, address, request, ruling, standing);
    }
    const result = await timed('agency', () => ask(traceparent));
    const settled = await timed('outcome', () =>
      closeInquiry(exchange, { address, intent, ruling, result }),
    );
    return { ...settled, limits: spent.limits };
  };

/** The decision, and the time that it was made for: the record names the same, so it can be replayed. */
const ruleOn = async (
  { directory, now }: Exchange,
  { claims, facts }: VerifiedRequest,
): Promise<{ readonly ruling: Ruling; readonly t: number }> => {
  const question = [counterOf(claims), claims.inq.service, delegateOf(claims)] as const;
  const snapshot = await directory.snapshot(...question);
  const t = now();
  return { ruling: decide(snapshot, { claims, facts }, t), t };
};

/** What an allowed inquiry was counted on; or why it cannot begin, unless it stands already. */
const spend = async (
  { spendQuota }: Exchange,
  ruling: Ruling,
  t: number,
  timed: Timed,
): Promise<Spent | Problem> => {
  if (ruling.effect === 'deny' || ruling.terms.quotas.length === 0) return nothingSpent;
  try {
    return await timed('quota', () => spendQuota(ruling.terms.quotas, t));
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};

/** Does what must be done before the intent is written: where it fails, nothing was used. */
const orGiveBack = async <Done>({ giveBack }: Spent, work: () => Promise<Done>): Promise<Done> => {
  try {
    return await work();
  } catch (error) {
    giveBack();
    throw error;
  }
};

const toIntent = ({ claims, jws }: VerifiedRequest, ruling: Ruling, t: number): Asked =>
  asked({
    v: 1,
    k: 'i',
    id: claims.inq.id,
    t,
    dec: { effect: ruling.effect, rule: ruling.rule, registry: ruling.registry },
    req: jws,
  });

/** The call to the agency, ready to go; nothing to do when the inquiry is denied. */
const preparedAsk = async (
  exchange: Exchange,
  text: string,
  request: VerifiedRequest,
  ruling: Ruling,
): Promise<(traceparent: string) => Promise<Result>> => {
  if (ruling.effect === 'deny') return async () => denied;
  const { holdKeys, now, settings } = exchange;
  // Nobody waits for it: the key is there by the time that the answer is.
  if (ruling.service.hold) void holdKeys.keyUntil(now() + settings.holdTime);
  const forward = await signForward(text, request, ruling, exchange);
  return (traceparent) => askAgency(exchange, ruling, forward, traceparent);
};

const askAgency = async (
  { agencies, directory, now }: Exchange,
  allowed: Allowed,
  forward: Forward,
  traceparent: string,
): Promise<Result> => {
  const started = now();
  const { agency, endpoint, timeout } = allowed.service;
  const reply = await agencies.ask({
    agency,
    endpoint,
    token: forward.token,
    timeout,
    traceparent,
  });
  const took = Math.max(0, now() - started);
  const judgement = await acceptAnswer(reply, forward, allowed, { keyOf: directory.keyOf, now });
  return { judgement, took };
};
