import type { Belonging } from '../../audit/export/belonging.ts';
import { toBase64Url } from '../../kernel/bytes.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { checkReceiptSignature, compareReceipt, type ReadReceipt } from './check-receipt.ts';
import { type Check, failed, passed, skipped } from './failure.ts';
import type { KeyBook } from './key-book.ts';
import { readLeaf } from './read-leaf.ts';

type Place = { readonly index: number; readonly data: Uint8Array | undefined };

export type ReceiptsCheck = {
  /** Looks at a leaf; `data` is undefined when only its hash is known. */
  readonly look: (index: number, hash: Uint8Array, data: Uint8Array | undefined) => void;
  /**
   * One check or more for each receipt. Of a `part` of a log it cannot be told whether a leaf or a
   * key that is not there is missing or stands elsewhere.
   */
  readonly finish: (
    origin: string,
    book: Pick<KeyBook, 'find'> | undefined,
    seen?: Seen,
  ) => Promise<readonly Check[]>;
};

/**
 * What was looked at: all leaves or a part; whether every key must have been met; and where only some
 * leaves have a row, whether that of a receipt has one.
 */
export type Seen = {
  readonly leaves: 'all' | 'part';
  readonly keys: 'all' | 'part';
  readonly rowOf?: ((receipt: ReadReceipt) => Belonging) | undefined;
};

/** Whether a broken rule is that no key on record was in force: one may be on record elsewhere. */
export const isKeyFault = (fault: string): boolean =>
  /^(?:request-|answer-|command-|statement-)?key-not-(?:on-record|in-force)$/.test(fault);

/** What kind of a message a broken rule is of. */
export const sortOf = ({
  fault,
}: {
  readonly fault: string;
}): 'inquiries' | 'commands' | 'statements' => {
  if (fault.startsWith('command-')) return 'commands';
  return fault.startsWith('statement-') ? 'statements' : 'inquiries';
};

const nameOf = ({ claims }: ReadReceipt): string => `receipt ${claims.inq_id}`;

const signatureCheck = async (
  receipt: ReadReceipt,
  book: Pick<KeyBook, 'find'> | undefined,
  index: number | undefined,
  keys: Seen['keys'],
): Promise<Check> => {
  const name = `${nameOf(receipt)}, signature`;
  if (book === undefined) {
    return skipped(name, 'The keys on record stand in the entries, which were not read');
  }
  const [fault] = await checkReceiptSignature(receipt, book, index);
  if (fault !== undefined && keys === 'part' && isKeyFault(fault.fault)) {
    return skipped(name, 'its key is not on record in what is here');
  }
  return fault === undefined
    ? passed(name, 'signed by the exchange, with a key on record')
    : failed(name, 'message', fault.detail);
};

/** What is said of a leaf of which only the hash is there. */
const hashCheck = (name: string, index: number, row: Belonging | undefined): Check => {
  const said = `its hash is that of leaf ${index}`;
  switch (row) {
    case undefined:
      return passed(name, said);
    case 'none':
      return passed(name, `${said}, which the filter does not name`);
    case 'untold':
    case 'behind':
      return passed(name, `${said}, which has no row here`);
    case 'row':
      return failed(name, 'tree', `The filter names leaf ${index}, and its row was left out`);
  }
};

const contentCheck = (
  receipt: ReadReceipt,
  { index, data }: Place,
  rowOf: Seen['rowOf'],
): Check => {
  const name = `${nameOf(receipt)}, leaf`;
  if (data === undefined) return hashCheck(name, index, rowOf?.(receipt));
  const { leaf } = readLeaf(data);
  if (leaf?.kind !== 'inquiry') {
    return failed(name, 'message', `Leaf ${index} is no inquiry that can be read`);
  }
  const [fault] = compareReceipt(receipt, leaf, data);
  return fault === undefined
    ? passed(name, `is leaf ${index} of the log, and says what the leaf says`)
    : failed(name, 'message', fault.detail);
};

const missing = (receipt: ReadReceipt): Check => {
  const { iat, mmd } = receipt.claims;
  return failed(
    `${nameOf(receipt)}, leaf`,
    'receipt',
    `No leaf of this log has its hash. It was due at ${toRfc3339((iat + mmd) * 1000)}: ` +
      'if the checkpoint is older than that, take a newer one before you conclude anything',
  );
};

const elsewhere = (receipt: ReadReceipt): Check =>
  skipped(
    `${nameOf(receipt)}, leaf`,
    'its leaf is not among those that are here: it may stand elsewhere in the log, look there',
  );

/** Looks for the leaf of each receipt while a log goes by. */
export const receiptsCheck = (receipts: readonly ReadReceipt[]): ReceiptsCheck => {
  const wanted = new Set(receipts.map(({ claims }) => claims.leaf));
  const places = new Map<string, Place>();
  return {
    look: (index, hash, data) => {
      if (wanted.size === 0) return;
      const leaf = toBase64Url(hash);
      if (wanted.has(leaf) && !places.has(leaf)) places.set(leaf, { index, data: data?.slice() });
    },
    finish: async (origin, book, seen = { leaves: 'all', keys: 'all' }) => {
      const checks: Check[] = [];
      for (const receipt of receipts) {
        const place = places.get(receipt.claims.leaf);
        checks.push(await signatureCheck(receipt, book, place?.index, seen.keys));
        if (receipt.claims.log !== origin) {
          const name = `${nameOf(receipt)}, leaf`;
          checks.push(failed(name, 'receipt', 'It promises a leaf in another log than this one'));
        } else if (place === undefined) {
          checks.push(seen.leaves === 'all' ? missing(receipt) : elsewhere(receipt));
        } else {
          checks.push(contentCheck(receipt, place, seen.rowOf));
        }
      }
      return checks;
    },
  };
};
