import { type Checkpoint, parseCheckpoint } from '../../audit/tlog/checkpoint.ts';
import { parseNote } from '../../audit/tlog/note.ts';
import { fromBase64Url } from '../../kernel/bytes.ts';
import { type CheckedProof, checkProof } from '../verify/check-proof.ts';
import { type Check, passed, skipped } from '../verify/failure.ts';
import type { LogReader } from '../verify/log-reader.ts';
import { notChecked } from '../verify/not-checked.ts';
import { openPrevious } from '../verify/previous-check.ts';
import { entryChecks, receiptChecks } from './entry-checks.ts';
import { type Beside, keyChecks, readKeys } from './keys-on-record.ts';
import type { Report } from './show-report.ts';
import type { Earlier, Settings } from './verify-log.ts';

/** Earlier checkpoints beside a proof alone: two of one size can be compared, others need tiles. */
const previousWithoutTiles = (
  previous: readonly Earlier[],
  current: NonNullable<NonNullable<CheckedProof['proven']>['checkpoint']>,
  { policy }: Settings,
): readonly Check[] =>
  previous.map(({ name, bytes }) => {
    const opened = openPrevious(name, bytes, { policy, current });
    if ('check' in opened) return opened;
    return opened.size === current.leaves
      ? passed(name, 'it signs the same tree')
      : skipped(name, "consistency needs the log's tiles: name the log with --keys");
  });

/** Whether a log is the proof's own and has grown at least as far, so that the two can be compared. */
const holdsOlder = async (
  keys: LogReader | undefined,
  { origin, size }: Pick<Checkpoint, 'origin' | 'size'>,
): Promise<boolean> => {
  const bytes = await keys?.checkpoint();
  const note = bytes === undefined ? undefined : parseNote(bytes);
  const standing = note === undefined ? undefined : parseCheckpoint(note.text);
  return standing?.origin === origin && standing.size >= size;
};

/** A proof, and by the keys on record, when they are given, what is inside its entry. */
export const verifyProof = async (
  bytes: Uint8Array,
  beside: Beside,
  settings: Settings,
): Promise<Omit<Report, 'what'>> => {
  const [receipt] = beside.receipts;
  const hash = receipt === undefined ? undefined : fromBase64Url(receipt.claims.leaf);
  const { checks, proven } = checkProof(bytes, settings.policy, { entry: beside.entry, hash });
  if (proven === undefined) {
    const rest = skipped('everything else', 'nothing was shown to be in the log');
    return { checks: [...checks, rest], findings: [], notes: [] };
  }
  const { checkpoint, note, index, data } = proven;
  const { origin } = checkpoint;
  const own = { name: 'checkpoint of the proof', bytes: note };
  const isOlder = await holdsOlder(beside.keys, checkpoint);
  const earlier = isOlder ? [own, ...beside.previous] : beside.previous;
  const known = await readKeys(beside, settings, earlier);
  const sameLog = known?.checkpoint?.origin === origin;
  return {
    checks: [
      ...checks,
      ...keyChecks(known),
      ...(known === undefined ? previousWithoutTiles(beside.previous, checkpoint, settings) : []),
      ...(known === undefined || isOlder
        ? []
        : [
            skipped(
              own.name,
              'whether it and the log of the keys agree: that is another, or older',
            ),
          ]),
      ...(await entryChecks(data, sameLog ? index : 0, origin, known)),
      ...(await receiptChecks(beside.receipts, { data, hash: proven.hash, origin }, known)),
      ...notChecked,
    ],
    findings: known?.findings ?? [],
    notes: known?.notes ?? [],
  };
};
