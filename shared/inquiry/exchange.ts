import type { Layout } from '../audit/address.ts';
import type { LogIndex } from '../audit/log-index.ts';
import type { JournalStore, ObjectStore } from '../audit/ports.ts';
import type { Policy } from '../audit/tlog/policy.ts';
import type { SecretKey } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Receiver } from '../message/receive.ts';
import type { ConfidentialBases } from '../registry/confidential-bases.ts';
import type { Directory } from '../registry/directory.ts';
import type { HoldKeys } from './hold-keys.ts';
import type { LogLimits, LogStatusReader } from './log-status.ts';
import type { MeterStore } from './meter-store.ts';
import type { OwnKeys } from './own-keys.ts';
import type { Agencies, ExchangeSigner, Random } from './ports.ts';
import type { RefusalNotes } from './refusal-notes.ts';
import type { SpendQuota } from './spend-quota.ts';

/** The participant id the exchange signs under, and the `aud` that agencies answer to. */
export const exchangeId = 'exchange:estelam';

/** How this exchange is set up. */
export type ExchangeSettings = {
  /** The public URL without a path, for example `https://exchange.example`. */
  readonly origin: string;
  readonly layout: Layout;
  /** AES-256 key of the vault beside each intent; it wraps the keys of held answers. */
  readonly vaultKey: SecretKey;
  /** Milliseconds an answer is held for a retry. */
  readonly holdTime: number;
  /** Seconds within which a leaf is in the log once its receipt is signed (audit-log.md §3). */
  readonly mergeDelay: number;
  /** How far the log may fall behind before new inquiries are refused. */
  readonly logLimits: LogLimits;
  /** Who may read the entries of the log. */
  readonly logEntries: 'auditors' | 'public';
  /** Legal bases of whose inquiries a person learns later. */
  readonly confidentialBases: ConfidentialBases;
  /** Whose tokens persons are known by, and the `aud` of these; undefined where persons cannot ask. */
  readonly persons: { readonly issuer: string; readonly audience: string } | undefined;
};

/** The published log, as it is read. */
export type LogAccess = {
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly index: Pick<LogIndex, 'find'>;
  /**
   * The keys of the log and of its witnesses, and how many of these must have seen it. Rejects with
   * the problem `signer-unavailable`.
   */
  readonly policy: () => Promise<Policy>;
};

/** Everything that the use cases of this folder stand on. */
export type Exchange = {
  readonly settings: ExchangeSettings;
  readonly directory: Directory;
  readonly journal: JournalStore;
  readonly holdKeys: HoldKeys;
  readonly agencies: Agencies;
  readonly signer: ExchangeSigner;
  readonly publishedKeys: OwnKeys['published'];
  readonly log: LogAccess;
  readonly logStatus: LogStatusReader;
  readonly spendQuota: SpendQuota;
  readonly meters: Pick<MeterStore, 'read'>;
  readonly refusals: RefusalNotes;
  readonly now: Clock;
  readonly random: Random;
};

/** The exact `aud` of a request. */
export const inquiriesUrl = (origin: string): string => `${origin}/v1/inquiries`;

/** The log origin (C2SP tlog-checkpoint) of a shard. */
export const logOrigin = (origin: string, shard: number): string =>
  `${new URL(origin).host}/log/${shard}`;

/** Who receives access tokens, and knows who takes part. */
export type AccessReceiver = Receiver & Pick<Directory, 'isActive'>;

/** Who receives access tokens: their `aud` is the origin. */
export const receiverOf = ({
  settings,
  directory,
  now,
}: Pick<Exchange, 'directory' | 'now'> & {
  readonly settings: Pick<ExchangeSettings, 'origin'>;
}): AccessReceiver => ({
  audience: settings.origin,
  keyOf: directory.keyOf,
  isActive: directory.isActive,
  now,
});
