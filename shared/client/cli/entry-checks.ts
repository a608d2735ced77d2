import { bucketOf } from '../../audit/address.ts';
import { fromBase64Url } from '../../kernel/bytes.ts';
import { timeOf } from '../../kernel/id.ts';
import { checkCommand } from '../verify/check-command.ts';
import { checkInquiry } from '../verify/check-inquiry.ts';
import {
  checkReceiptSignature,
  compareReceipt,
  type ReadReceipt,
} from '../verify/check-receipt.ts';
import { type Check, failed, passed, skipped } from '../verify/failure.ts';
import type { FsckReport } from '../verify/fsck.ts';
import { keysOnRecord } from '../verify/key-on-record.ts';
import { type CommandLeaf, leafFaults, readLeaf } from '../verify/read-leaf.ts';

/** What a log has put on record; undefined when none was named. */
type Known = Pick<FsckReport, 'book' | 'checkpoint'> | undefined;

const noKeys = 'the keys on record were not given: name their log with --keys';

/** The signature of a command, by the keys on record. */
const commandChecks = async (
  leaf: CommandLeaf,
  index: number,
  origin: string,
  known: Known,
): Promise<readonly Check[]> => {
  const form = passed('entry', `change ${leaf.event.n} of the registry, by a command`);
  if (known === undefined) return [form, skipped('signatures', noKeys)];
  const read = await keysOnRecord(leaf, index, false);
  const own = read.filter((key) => typeof key === 'object');
  const bucket = bucketOf(timeOf(leaf.id));
  const { faults, notes } = await checkCommand(leaf, { ...known, origin, index, bucket, own });
  return [
    form,
    ...(faults.length === 0
      ? [passed('signatures', ['of whoever sent the command', ...notes].join(', '))]
      : faults.map(({ fault: name, detail }) => failed(`signatures, ${name}`, 'message', detail))),
  ];
};

/** The signatures inside one entry, by the keys on record. */
export const entryChecks = async (
  data: Uint8Array | undefined,
  index: number,
  origin: string,
  known: Known,
): Promise<readonly Check[]> => {
  if (data === undefined) return [skipped('entry', 'only its hash is known')];
  const { leaf, fault } = readLeaf(data);
  if (fault !== undefined) return [failed('entry', 'malformed', leafFaults[fault])];
  if (leaf.kind === 'command') return commandChecks(leaf, index, origin, known);
  if (leaf.kind !== 'inquiry') return [passed('entry', `a ${leaf.kind} record`)];
  const form = passed('entry', `inquiry ${leaf.id}, outcome ${leaf.outcome.out}`);
  if (known === undefined) return [form, skipped('signatures', noKeys)];
  const place = { index, bucket: bucketOf(timeOf(leaf.id)) };
  const { faults } = await checkInquiry(leaf, { book: known.book, origin, place });
  return [
    form,
    ...(faults.length === 0
      ? [passed('signatures', 'of the counter and, where it answered, the agency')]
      : faults.map(({ fault: name, detail }) => failed(`signatures, ${name}`, 'message', detail))),
  ];
};

/** Whether the leaf that a receipt promises is an inquiry, and says what the receipt says. */
const contentCheck = (name: string, receipt: ReadReceipt, data: Uint8Array): Check => {
  const { leaf } = readLeaf(data);
  if (leaf?.kind !== 'inquiry') {
    return failed(name, 'message', 'The leaf is no inquiry that can be read');
  }
  const [fault] = compareReceipt(receipt, leaf, data);
  return fault === undefined
    ? passed(name, 'says what the leaf says')
    : failed(name, 'message', fault.detail);
};

/** Receipts beside one entry. */
export const receiptChecks = async (
  receipts: readonly ReadReceipt[],
  { data, hash, origin }: { data: Uint8Array | undefined; hash: Uint8Array; origin: string },
  known: Known,
): Promise<readonly Check[]> => {
  const checks: Check[] = [];
  for (const receipt of receipts) {
    const { claims } = receipt;
    const name = `receipt ${claims.inq_id}`;
    const promised = fromBase64Url(claims.leaf);
    if (claims.log !== origin || promised === undefined || Buffer.compare(promised, hash) !== 0) {
      checks.push(failed(`${name}, leaf`, 'receipt', 'It promises another leaf than this one'));
    } else if (data === undefined) {
      checks.push(passed(`${name}, leaf`, 'its hash is that of the leaf'));
    } else {
      checks.push(contentCheck(`${name}, leaf`, receipt, data));
    }
    checks.push(await receiptSignature(receipt, known));
  }
  return checks;
};

const receiptSignature = async (receipt: ReadReceipt, known: Known): Promise<Check> => {
  const name = `receipt ${receipt.claims.inq_id}, signature`;
  if (known === undefined) return skipped(name, noKeys);
  const [fault] = await checkReceiptSignature(receipt, known.book);
  return fault === undefined
    ? passed(name, 'signed by the exchange, with a key on record')
    : failed(name, 'message', fault.detail);
};
