import { bucketLength } from '../../audit/address.ts';
import { sha256Url } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Findings } from './findings.ts';
import type { CommandLeaf } from './read-leaf.ts';

/** A leaf of a command as far as the order of changes matters. */
export type NumberedLeaf = Pick<CommandLeaf, 'event'> & {
  readonly index: number;
  /** The bucket of its id, for a late one as well. */
  readonly bucket: number;
  /** The id of its command; undefined when that cannot be read. */
  readonly command: string | undefined;
};

export type ChangeOrder = {
  readonly take: (leaf: NumberedLeaf) => void;
  /** Says that something was changed without a command: that may have used a number up. */
  readonly standing: () => void;
  /** Says that there is no further leaf, and up to which bucket the log goes. */
  readonly end: (bucket: number, gapless: boolean) => void;
};

export const orderFaults = {
  'change-twice': 'Another change stands under this number.',
  'command-twice': 'The command stands under another number as well.',
  'change-goes-back': 'It was recorded well before a change with a lower number.',
  'change-time-goes-back': 'It was made before a change with a lower number.',
} as const;

/** Buckets after which a leaf can come no more: they are looked at again for 26 hours, and one spare. */
export const lateness = (27 * 3_600_000) / bucketLength;

type Seen = {
  readonly n: number;
  readonly t: number;
  readonly index: number;
  readonly bucket: number;
  readonly digest: string;
};

const digestOf = ({ t, command, entries }: CommandLeaf['event']): string =>
  sha256Url(canonicalJson({ t, command, entries }));

const named = (from: number, to: number): string =>
  from === to
    ? `Change ${from} is not in the log.`
    : `Changes ${from} to ${to} are not in the log.`;

/**
 * Judges the numbers of changes, which say their order: none missing, none twice but for one that was
 * recorded again as it is, no command twice, times and places in the log as the numbers have it. The
 * slots of a bucket follow a secret order, so places are compared by buckets, and may differ by one.
 * Memory grows with the number of changes, by some hundred bytes each.
 */
export const changeOrder = ({ add, note }: Pick<Findings, 'add' | 'note'>): ChangeOrder => {
  const changes = new Map<number, Seen>();
  const commands = new Map<string, number>();
  let uncommanded = 0;

  const fault = (index: number, code: keyof typeof orderFaults): void =>
    add({ failure: 'order', fault: code, index, detail: orderFaults[code] });

  const gap = (from: number, next: Seen, bucket: number): void => {
    const { n, index } = next;
    if (bucket - next.bucket <= lateness) return note('change-not-there-yet', index);
    add({ failure: 'order', fault: 'change-missing', index, detail: named(from, n - 1) });
  };

  return {
    take: ({ event, index, bucket, command }) => {
      const { n, t } = event;
      const seen = { n, t, index, bucket, digest: digestOf(event) };
      const known = changes.get(n);
      if (known !== undefined && known.digest !== seen.digest) return fault(index, 'change-twice');
      changes.set(n, known === undefined || bucket < known.bucket ? seen : known);
      if (command === undefined) return;
      if ((commands.get(command) ?? n) !== n) fault(index, 'command-twice');
      commands.set(command, n);
    },
    standing: () => {
      uncommanded += 1;
    },
    end: (bucket, gapless) => {
      const all = [...changes.values()].toSorted((a, b) => a.n - b.n);
      // Where a registry is older than its commands, their numbers begin anywhere.
      let expected = uncommanded > 0 ? (all[0]?.n ?? 1) : 1;
      let spare = uncommanded;
      let latest = { bucket: -1, t: 0 };
      for (const one of all) {
        const missing = one.n - expected;
        if (missing <= spare) spare -= missing;
        else if (gapless) gap(expected, one, bucket);
        expected = one.n + 1;
        if (one.bucket < latest.bucket - 1) fault(one.index, 'change-goes-back');
        if (one.t < latest.t) fault(one.index, 'change-time-goes-back');
        latest = { bucket: Math.max(latest.bucket, one.bucket), t: Math.max(latest.t, one.t) };
      }
    },
  };
};
