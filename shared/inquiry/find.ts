import { addressOf } from '../audit/address.ts';
import { InquiryId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import type { Exchange } from './exchange.ts';
import { signReceipt } from './receipt.ts';
import { fromIntentRow, fromOutcomeRow } from './record.ts';

/** What the asking counter may read of its inquiry: the facts and their receipt, not the answer. */
export type InquiryStatus = {
  readonly id: string;
  readonly service: string;
  /** ISO 8601, UTC. */
  readonly asked: string;
  readonly state: 'open' | 'closed';
  readonly outcome?: string;
  readonly receipt?: string;
};

/**
 * What became of an inquiry, for the counter that asked it; `not-found` for everybody else, as if it
 * did not exist. An access token is a bearer token, so no personal data is given for it: the answer
 * comes again for a freshly signed request only (protocol.md §6).
 */
export const findInquiry =
  (exchange: Pick<Exchange, 'settings' | 'journal' | 'signer' | 'now' | 'random'>) =>
  async (id: string, counter: string): Promise<InquiryStatus> => {
    const notFound = new Problem('not-found', 'This counter has no inquiry under this id.');
    const parsed = InquiryId.safeParse(id);
    if (!parsed.success) throw notFound;
    const rows = await exchange.journal.read(addressOf(parsed.data, exchange.settings.layout));
    const intent = rows.intent === undefined ? undefined : fromIntentRow(rows.intent);
    if (intent?.claims.iss !== counter) throw notFound;
    const known = {
      id: parsed.data,
      service: intent.claims.inq.service,
      asked: isoTime(intent.event.t),
    };
    if (rows.outcome === undefined) return { ...known, state: 'open' };
    const outcome = fromOutcomeRow(rows.outcome);
    const receipt = await signReceipt(intent, outcome, exchange);
    return { ...known, state: 'closed', outcome: outcome.event.out, receipt };
  };

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
