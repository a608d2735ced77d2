import type { Address } from '../audit/address.ts';
import type { HoldRow, IntentRow, JournalRows } from '../audit/ports.ts';
import { tombstone } from '../audit/tombstone.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { parseDisclosure } from '../message/disclosure.ts';
import type { VerifiedRequest } from '../message/receive.ts';
import type { Allowed, Ruling } from '../registry/decide.ts';
import { violations } from '../registry/json-schema.ts';
import { outputUnder } from '../registry/terms.ts';
import { inquiryRefusal } from './checks.ts';
import type { Exchange } from './exchange.ts';
import { problemOf } from './outcome.ts';
import { signReceipt, withheldNames } from './receipt.ts';
import {
  type Answered,
  type Asked,
  answered,
  fromHoldRow,
  fromIntentRow,
  fromOutcomeRow,
  toOutcomeRow,
} from './record.ts';
import { factsOf, type Settled } from './settled.ts';

/**
 * Milliseconds after which an inquiry without an outcome has lost its process: longer than any
 * function runs, so that whoever comes by may close it.
 */
export const abandonedAfter = 45_000;

/** Seconds a used token is remembered after it expired, for clocks that differ. */
const keptAfterExpiry = 3600;

/**
 * What a message gets whose id stands in the journal already (protocol.md §6): `replayed` for the
 * very same token, the facts and the held answer for a retry, `reference-conflict` for all else. A
 * retry that policy no longer allows, or not under the same terms, gets the receipt of what stands,
 * and no answer.
 */
export const settleAgain = async (
  exchange: Exchange,
  address: Address,
  request: VerifiedRequest,
  ruling: Ruling,
  row: IntentRow,
): Promise<Settled> => {
  const intent = fromIntentRow(row);
  checkRetry(intent, request);
  const { outcome, hold } = await standingOutcome(exchange, address, intent);
  // Before the token is used: where the key cannot be read, it may come again.
  const texts = await heldTexts(exchange, outcome, hold);
  await useOnce(exchange, address, request);
  const receipt = await signReceipt(intent, outcome, exchange);
  const facts = factsOf(intent, outcome, { retry: true, agencyTime: 0 });
  const problem = problemOf(outcome.event.out, intent.event.dec.rule, { receipt });
  if (problem !== undefined) return { facts, receipt, problem };
  if (ruling.effect === 'deny') {
    const denial = problemOf('DENIED', ruling.rule, { receipt });
    return { facts, receipt, ...(denial !== undefined && { problem: denial }) };
  }
  const answer = heldAnswer(outcome, texts, ruling);
  return { facts, receipt, ...(answer !== undefined && { answer }) };
};

/** That a message may be answered for what stands under its id already. */
export const checkRetry = (intent: Asked, { claims }: Pick<VerifiedRequest, 'claims'>): void => {
  const { claims: first } = intent;
  if (first.iss === claims.iss && first.jti === claims.jti) {
    throw inquiryRefusal('token-unused');
  }
  const same =
    first.iss === claims.iss &&
    canonicalJson(first.inq) === canonicalJson(claims.inq) &&
    canonicalJson({ _sd: first._sd ?? [] }) === canonicalJson({ _sd: claims._sd ?? [] });
  if (!same) throw inquiryRefusal('id-unused');
};

/** A retry's token opens the held answer once: whoever steals it must not read it again. */
const useOnce = async (
  { journal, random }: Exchange,
  address: Address,
  { claims: { jti, exp } }: VerifiedRequest,
): Promise<void> => {
  const until = (exp + keptAfterExpiry) * 1000;
  const use = await journal.useRetry(address, { jti, nonce: random(8), until });
  if (use === 'used') throw inquiryRefusal('token-unused');
};

/** Whether the first message of an inquiry may still be on its way to an outcome. */
export const isBeingAnswered = (
  { event }: Asked,
  { outcome }: Pick<JournalRows, 'outcome'>,
  now: number,
): boolean => outcome === undefined && now - event.t < abandonedAfter;

type Standing = { readonly outcome: Answered; readonly hold?: HoldRow };

const standingOutcome = async (
  { journal, now }: Exchange,
  address: Address,
  intent: Asked,
): Promise<Standing> => {
  const rows = await journal.read(address);
  if (rows.outcome !== undefined) {
    const { hold } = rows.outcome;
    return { outcome: fromOutcomeRow(rows.outcome), ...(hold !== undefined && { hold }) };
  }
  const t = now();
  if (isBeingAnswered(intent, rows, t)) {
    throw inquiryRefusal('first-answered', 'The first message is still being answered.', {
      retryAfter: 2,
      limits: [{ name: 'retry-in-flight', quota: 1, window: 2, left: 0, reset: 2 }],
    });
  }
  const lost = answered(tombstone(intent.event.id, intent.text, t));
  const standing = await journal.putOutcome(address, toOutcomeRow(lost));
  return { outcome: standing === 'written' ? lost : fromOutcomeRow(standing) };
};

/** How many facts of an answer were passed on when it was first given. */
const releasedCount = (outcome: Answered): number => {
  const payload = Buffer.from(outcome.event.res?.split('.')[1] ?? '', 'base64url').toString('utf8');
  const claims: unknown = JSON.parse(payload);
  const digests =
    typeof claims === 'object' && claims !== null && '_sd' in claims && Array.isArray(claims._sd)
      ? claims._sd.length
      : 0;
  return digests - withheldNames(outcome).length;
};

/** Whether facts that were passed on may be passed on again: terms can have become narrower. */
const mayPassOn = (texts: readonly string[], { service, terms }: Allowed): boolean => {
  const facts = texts.map(parseDisclosure);
  if (!facts.every(({ name }) => terms.fields.includes(name))) return false;
  const result = Object.fromEntries(facts.map(({ name, value }) => [name, value]));
  return (
    terms.level === service.level ||
    violations(outputUnder(terms, service), result, '').length === 0
  );
};

/** The facts that are still held. A key that is gone, or is another by now, opens none of them. */
const heldTexts = async (
  { holdKeys, now }: Exchange,
  outcome: Answered,
  hold: HoldRow | undefined,
): Promise<readonly string[] | undefined> => {
  if (hold === undefined || hold.until <= now()) return undefined;
  const key = await holdKeys.keyOf(hold.until);
  if (key === undefined) return undefined;
  try {
    return fromHoldRow(hold, outcome, key);
  } catch {
    return undefined;
  }
};

/** The answer again: whole, or not at all once its facts are not held, erased or not allowed any more. */
const heldAnswer = (
  outcome: Answered,
  texts: readonly string[] | undefined,
  allowed: Allowed,
): string | undefined => {
  const { res } = outcome.event;
  if (res === undefined) return undefined;
  if (releasedCount(outcome) === 0) return `${res}~`;
  return texts !== undefined && mayPassOn(texts, allowed)
    ? `${[res, ...texts].join('~')}~`
    : undefined;
};
