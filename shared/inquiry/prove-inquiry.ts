import { type Address, addressOf, bucketLength, bucketOf } from '../audit/address.ts';
import { leafData } from '../audit/leaf.ts';
import type { Places } from '../audit/log-index.ts';
import type { JournalRows } from '../audit/ports.ts';
import { logFiles, tileReader } from '../audit/sequence/log-files.ts';
import { leafStamp } from '../audit/sequence/search.ts';
import { checkInclusion } from '../audit/tlog/check.ts';
import { toSafe } from '../audit/tlog/decimal.ts';
import { leafHash } from '../audit/tlog/hash.ts';
import { satisfies } from '../audit/tlog/policy.ts';
import { formatProofFile } from '../audit/tlog/proof-file.ts';
import { proveInclusion } from '../audit/tlog/prove.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { InquiryId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { isPartyTo } from '../message/claims.ts';
import { type Exchange, logOrigin } from './exchange.ts';
import { type FoundLeaf, findLeaf } from './find-leaf.ts';
import { type NewestCheckpoint, newestCheckpoint } from './newest-checkpoint.ts';
import { type Asked, fromIntentRow, fromIntentText, fromOutcomeRow } from './record.ts';

type Proving = Pick<Exchange, 'settings' | 'journal' | 'log' | 'now'>;

const notFound = (): Problem =>
  new Problem('not-found', 'This participant has no inquiry under this id.');

/** Milliseconds after its bucket's end at which an entry usually is in the published log. */
const usualDelay = 17_000;

/** Seconds that a caller is told to wait: at least, and once it is later than usual. */
const least = 2;
const overdue = 5;

/** Not in the log yet, and when it usually will be. */
const pending = ({ event }: Asked, { now }: Proving): Problem => {
  const usual = (bucketOf(event.t) + 1) * bucketLength + usualDelay;
  const left = Math.ceil((usual - now()) / 1000);
  return new Problem('proof-pending', 'The inquiry is not in the published log yet.', {
    retryAfter: left > 0 ? Math.max(least, left) : overdue,
  });
};

/** Whether a leaf is that of an inquiry, as far as the leaf itself says. */
const isInquiry = (data: Uint8Array, { id }: Address): boolean => {
  const stamp = leafStamp(data);
  return stamp.kind === 'i' && stamp.id === id;
};

/** The leaf that the journal's rows become; undefined once they are gone. */
const leafOf = ({ intent, outcome }: JournalRows): Uint8Array | undefined =>
  intent === undefined || outcome === undefined
    ? undefined
    : leafData(fromIntentRow(intent).text, fromOutcomeRow(outcome).text);

/** The intent that a leaf holds: its first line. */
const intentIn = ({ data }: FoundLeaf): Asked =>
  fromIntentText(Buffer.from(data.subarray(0, data.indexOf(0x0a))).toString('utf8'));

/** What the index says; nothing while it cannot be read, for the log can be searched without it. */
const placesOf = async ({ log }: Proving, address: Address): Promise<Places> => {
  try {
    return await log.index.find(address);
  } catch (error) {
    if (error instanceof Problem) return { ranges: [], late: [] };
    throw error;
  }
};

/** The newest checkpoint that is to be believed; undefined before the first. */
const believed = async (
  { log, settings }: Proving,
  shard: number,
): Promise<(NewestCheckpoint & { readonly size: number }) | undefined> => {
  const policy = await log.policy();
  const place = { shard, origin: logOrigin(settings.origin, shard) };
  const newest = await newestCheckpoint(log.objects, policy, place);
  if (newest === 'unsound') throw new Error('A published checkpoint is not signed by its log.');
  if (newest === undefined || !satisfies(policy, newest.signed)) return undefined;
  return { ...newest, size: toSafe(newest.signed.checkpoint.size) ?? 0 };
};

/** Reads the proof, and sees that it holds: whoever gets it could not tell whose fault it is. */
const prove = async (
  { log }: Proving,
  { index, data }: FoundLeaf,
  { shard }: Address,
  { bytes, signed, size }: NewestCheckpoint & { readonly size: number },
): Promise<Uint8Array> => {
  const proof = await proveInclusion(index, size, tileReader(logFiles(log.objects, shard)));
  const { checkpoint } = signed;
  const claim = { ...checkpoint, leaf: leafHash(data), index: BigInt(index), proof };
  if (!checkInclusion(claim)) throw new Error('The files of the log do not fit its checkpoint.');
  return formatProofFile({ extra: data, index: BigInt(index), proof, checkpoint: bytes });
};

/**
 * The proof that an inquiry is in the log (C2SP tlog-proof), its leaf in it, for the counter that
 * asked it and whoever asked in its place; `not-found` for everybody else, as if it did not exist. It
 * outlives the journal's rows: the leaf itself says whose it is. Rejects with `proof-pending` while no checkpoint that is to be
 * believed covers it.
 */
export const proveInquiry =
  (exchange: Proving) =>
  async (id: string, participant: string): Promise<Uint8Array> => {
    const { settings, journal, log } = exchange;
    const parsed = InquiryId.safeParse(id);
    if (!parsed.success) throw notFound();
    const address = addressOf(parsed.data, settings.layout);
    const rows = await journal.read(address);
    const intent = rows.intent === undefined ? undefined : fromIntentRow(rows.intent);
    if (intent !== undefined && !isPartyTo(intent.claims, participant)) throw notFound();
    const newest = await believed(exchange, address.shard);
    const expected = leafOf(rows);
    const found =
      newest === undefined
        ? undefined
        : await findLeaf({
            address,
            places: await placesOf(exchange, address),
            files: logFiles(log.objects, address.shard),
            size: newest.size,
            isIt: (data) => isInquiry(data, address),
          });
    if (newest === undefined || found === undefined) {
      throw intent === undefined ? notFound() : pending(intent, exchange);
    }
    if (!isPartyTo(intentIn(found).claims, participant)) throw notFound();
    if (expected !== undefined && !equalBytes(expected, found.data)) {
      throw new Error('The log holds another leaf for an inquiry than the journal.');
    }
    return prove(exchange, found, address, newest);
  };
