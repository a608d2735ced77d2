import { addressOf } from '../audit/address.ts';
import { InquiryId } from '../kernel/id.ts';
import { toRfc3339 } from '../kernel/instant-text.ts';
import { Problem } from '../kernel/problem.ts';
import { counterOf, delegateOf, isPartyTo } from '../message/claims.ts';
import type { Exchange } from './exchange.ts';
import { signReceipt } from './receipt.ts';
import { fromIntentRow, fromOutcomeRow } from './record.ts';

/** What those who asked may read of their inquiry: the facts and their receipt, not the answer. */
export type InquiryStatus = {
  readonly id: string;
  readonly service: string;
  /** The counter that was asked for, and who signed in its place; absent when it signed itself. */
  readonly counter?: string;
  readonly by?: string;
  /** ISO 8601, UTC. */
  readonly asked: string;
  readonly state: 'open' | 'closed';
  readonly outcome?: string;
  /** Addressed to whoever signed the request. */
  readonly receipt?: string;
};

/**
 * What became of an inquiry, for the counter that asked it and whoever asked in its place; `not-found` for everybody else, as if it
 * did not exist. An access token is a bearer token, so no personal data is given for it: the answer
 * comes again for a freshly signed request only (protocol.md §6).
 */
export const findInquiry =
  (exchange: Pick<Exchange, 'settings' | 'journal' | 'signer' | 'now' | 'random'>) =>
  async (id: string, participant: string): Promise<InquiryStatus> => {
    const notFound = new Problem('not-found', 'This participant has no inquiry under this id.');
    const parsed = InquiryId.safeParse(id);
    if (!parsed.success) throw notFound;
    const rows = await exchange.journal.read(addressOf(parsed.data, exchange.settings.layout));
    const intent = rows.intent === undefined ? undefined : fromIntentRow(rows.intent);
    if (intent === undefined || !isPartyTo(intent.claims, participant)) throw notFound;
    const by = delegateOf(intent.claims);
    const known = {
      id: parsed.data,
      service: intent.claims.inq.service,
      ...(by !== undefined && { counter: counterOf(intent.claims), by }),
      asked: toRfc3339(intent.event.t),
    };
    if (rows.outcome === undefined) return { ...known, state: 'open' };
    const outcome = fromOutcomeRow(rows.outcome);
    const receipt = await signReceipt(intent, outcome, exchange);
    return { ...known, state: 'closed', outcome: outcome.event.out, receipt };
  };
