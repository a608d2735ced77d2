import { addressOf } from '../audit/address.ts';
import { leafData } from '../audit/leaf.ts';
import { leafHash } from '../audit/tlog/hash.ts';
import { sha256Url, toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import { kinds } from '../message/kind.ts';
import { signMessage } from '../message/sign.ts';
import { type Exchange, exchangeId, logOrigin } from './exchange.ts';
import { type Answered, type Asked } from './record.ts';

/** The names of fields that a grant held back, as they stand in an outcome. */
export const withheldNames = ({ event }: Answered): readonly string[] =>
  event.withheld === undefined ? [] : event.withheld.split(',');

/**
 * Signs the receipt of an inquiry (protocol.md §3) over facts that are durable: everything in it is
 * taken from the two records, so a retry gets the same facts under a new signature.
 */
export const signReceipt = async (
  intent: Asked,
  outcome: Answered,
  { settings, signer, now, random }: Pick<Exchange, 'settings' | 'signer' | 'now' | 'random'>,
): Promise<string> => {
  const { claims, event } = intent;
  const withheld = withheldNames(outcome);
  const receipt = {
    iss: exchangeId,
    aud: claims.iss,
    iat: numericDate(now()),
    jti: toBase64Url(random(16)),
    in_reply_to: claims.jti,
    req_s256: sha256Url(event.req),
    inq_id: event.id,
    decision: event.dec,
    outcome: outcome.event.out,
    answer_s256: outcome.event.res === undefined ? undefined : sha256Url(outcome.event.res),
    withheld: withheld.length === 0 ? undefined : withheld,
    leaf: toBase64Url(leafHash(leafData(intent.text, outcome.text))),
    log: logOrigin(settings.origin, addressOf(claims.inq.id, settings.layout).shard),
    mmd: settings.mergeDelay,
  };
  return signMessage(kinds.receipt, receipt, await signer());
};
