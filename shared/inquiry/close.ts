import type { Address } from '../audit/address.ts';
import type { HoldRow } from '../audit/ports.ts';
import { sha256Url } from '../kernel/bytes.ts';
import { joinSdJwt } from '../message/disclosure.ts';
import type { Ruling } from '../registry/decide.ts';
import type { Judgement } from './accept-answer.ts';
import type { Exchange } from './exchange.ts';
import { problemOf } from './outcome.ts';
import { signReceipt } from './receipt.ts';
import {
  type Answered,
  type Asked,
  answered,
  fromOutcomeRow,
  toHoldRow,
  toOutcomeRow,
} from './record.ts';
import { factsOf, type Settled } from './settled.ts';

/** What came of asking, and how many milliseconds that took. */
export type Result = {
  readonly judgement: Judgement | { readonly kind: 'denied' };
  readonly took: number;
};

export const denied: Result = { judgement: { kind: 'denied' }, took: 0 };

type Closing = {
  readonly address: Address;
  readonly intent: Asked;
  readonly ruling: Ruling;
  readonly result: Result;
};

const toOutcome = (
  { intent, ruling, result: { judgement, took } }: Closing,
  t: number,
): Answered => {
  const common = {
    v: 1,
    k: 'o',
    id: intent.event.id,
    i: sha256Url(intent.text),
    t,
    ms: took,
  } as const;
  switch (judgement.kind) {
    case 'denied':
      return answered({ ...common, out: 'DENIED', http: 0 });
    case 'failed':
      return answered({ ...common, out: judgement.outcome, http: judgement.http });
    case 'accepted':
      return answered({
        ...common,
        out: judgement.outcome,
        http: judgement.http,
        res: judgement.jws,
        withheld: judgement.withheld.length === 0 ? undefined : judgement.withheld.join(','),
        fee: ruling.effect === 'allow' ? ruling.service.tariff : undefined,
      });
  }
};

/** What is to be held for a retry; nothing when its key cannot be had, which costs a convenience only. */
const toHold = async (
  { ruling, result: { judgement } }: Closing,
  outcome: Answered,
  { holdKeys, settings, now, random }: Exchange,
): Promise<HoldRow | undefined> => {
  if (judgement.kind !== 'accepted' || judgement.released.length === 0) return undefined;
  if (ruling.effect === 'deny' || !ruling.service.hold) return undefined;
  const texts = judgement.released.map(({ text }) => text);
  const until = now() + settings.holdTime;
  const key = await holdKeys.keyUntil(until);
  return key === undefined ? undefined : toHoldRow(outcome, texts, until, { key, random });
};

/**
 * Makes the outcome durable, and only then releases what it says. When another outcome stands there
 * already (the fence of audit-log.md §3), that one is told and nothing is released.
 */
export const closeInquiry = async (exchange: Exchange, closing: Closing): Promise<Settled> => {
  const { journal, now } = exchange;
  const { address, intent, ruling, result } = closing;
  const own = toOutcome(closing, now());
  const hold = await toHold(closing, own, exchange);
  const standing = await journal.putOutcome(address, toOutcomeRow(own, hold));
  const outcome = standing === 'written' ? own : fromOutcomeRow(standing);
  const receipt = await signReceipt(intent, outcome, exchange);
  const errors = ruling.effect === 'deny' && ruling.errors.length > 0 ? ruling.errors : undefined;
  const problem = problemOf(outcome.event.out, ruling.rule, {
    receipt,
    ...(errors !== undefined && { errors }),
  });
  const { judgement, took: agencyTime } = result;
  const cause = judgement.kind === 'failed' ? { cause: judgement.cause } : {};
  const facts = factsOf(intent, outcome, { retry: false, agencyTime, ...cause });
  if (problem !== undefined) return { facts, receipt, problem };
  if (standing !== 'written' || judgement.kind !== 'accepted') return { facts, receipt };
  return { facts, receipt, answer: joinSdJwt(judgement.jws, judgement.released) };
};
