import { bucketOf } from '../../audit/address.ts';
import { leafHash } from '../../audit/tlog/hash.ts';
import { sha256Url, toBase64Url } from '../../kernel/bytes.ts';
import { timeOf } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseStrictJson } from '../../kernel/strict-json.ts';
import { ReceiptClaims } from '../../message/claims.ts';
import { parseMessage } from '../../message/framing.ts';
import { kinds } from '../../message/kind.ts';
import { checkMessage, type Fault } from './check-message.ts';
import type { KeyBook } from './key-book.ts';
import type { InquiryLeaf } from './read-leaf.ts';

/** A receipt as it came: what it claims, and nothing yet believed of it. */
export type ReadReceipt = { readonly token: string; readonly claims: ReceiptClaims };

/** Reads a receipt; undefined when it is none. Its signature is for {@link checkReceiptSignature}. */
export const readReceipt = (text: string): ReadReceipt | undefined => {
  try {
    const token = text.replace(/\r?\n$/, '');
    const { payload } = parseMessage(token, kinds.receipt);
    const claims = ReceiptClaims.safeParse(parseStrictJson(payload)).data;
    return claims === undefined ? undefined : { token, claims };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/**
 * Whether the exchange signed a receipt, with a key that was on record by then: before the leaf at
 * `index`, or by the time of the receipt.
 */
export const checkReceiptSignature = async (
  { token, claims }: ReadReceipt,
  book: Pick<KeyBook, 'find'>,
  index = 0,
): Promise<readonly Fault[]> => {
  const time = (claims.iat + 1) * 1000;
  const bucket = bucketOf(Math.max(time, timeOf(claims.inq_id)));
  const checked = await checkMessage({
    jws: token,
    kind: kinds.receipt,
    claims: ReceiptClaims,
    book,
    place: { index, bucket },
    time,
  });
  return checked.faults ?? [];
};

/** Members of a receipt that must say what the leaf says, and what the leaf says. */
const facts = ({ id, intent, outcome }: InquiryLeaf) => ({
  inq_id: id,
  req_s256: sha256Url(intent.req),
  outcome: outcome.out,
  answer_s256: outcome.res === undefined ? undefined : sha256Url(outcome.res),
  withheld: outcome.withheld,
  effect: intent.dec.effect,
  rule: intent.dec.rule,
  registry: intent.dec.registry,
});

/**
 * Whether a receipt is about this very leaf of this log. A receipt that names the leaf by its hash
 * and says something else about it is the exchange contradicting itself.
 */
export const compareReceipt = (
  { claims }: ReadReceipt,
  leaf: InquiryLeaf,
  data: Uint8Array,
): readonly Fault[] => {
  const { decision, withheld, ...rest } = claims;
  const says = { ...rest, ...decision, withheld: withheld?.join(',') };
  const wanted = facts(leaf);
  const differs =
    claims.leaf !== toBase64Url(leafHash(data)) ||
    says.inq_id !== wanted.inq_id ||
    says.req_s256 !== wanted.req_s256 ||
    says.outcome !== wanted.outcome ||
    says.answer_s256 !== wanted.answer_s256 ||
    says.withheld !== wanted.withheld ||
    says.effect !== wanted.effect ||
    says.rule !== wanted.rule ||
    says.registry !== wanted.registry;
  return differs
    ? [{ fault: 'receipt-differs', detail: 'The receipt says another thing than its leaf.' }]
    : [];
};
