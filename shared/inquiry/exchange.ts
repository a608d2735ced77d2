import type { Layout } from '../audit/address.ts';
import type { JournalStore } from '../audit/ports.ts';
import type { SecretKey } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Receiver } from '../message/receive.ts';
import type { Directory } from '../registry/directory.ts';
import type { Agencies, ExchangeSigner, Random } from './ports.ts';

/** The participant id the exchange signs under, and the `aud` that agencies answer to. */
export const exchangeId = 'exchange:estelam';

/** Seconds within which a leaf is in the log once its receipt is signed (audit-log.md §3). */
export const mergeDelay = 120;

/** How this exchange is set up. */
export type ExchangeSettings = {
  /** The public URL without a path, for example `https://exchange.example`. */
  readonly origin: string;
  readonly layout: Layout;
  /** AES-256 key of the vault beside each intent and of held answers. */
  readonly vaultKey: SecretKey;
  /** Milliseconds an answer is held for a retry. */
  readonly holdTime: number;
};

/** Everything that the use cases of this folder stand on. */
export type Exchange = {
  readonly settings: ExchangeSettings;
  readonly directory: Directory;
  readonly journal: JournalStore;
  readonly agencies: Agencies;
  readonly signer: ExchangeSigner;
  readonly now: Clock;
  readonly random: Random;
};

/** The exact `aud` of a request. */
export const inquiriesUrl = (origin: string): string => `${origin}/v1/inquiries`;

/** The log origin (C2SP tlog-checkpoint) of a shard. */
export const logOrigin = (origin: string, shard: number): string =>
  `${new URL(origin).host}/log/${shard}`;

/** Who receives access tokens: their `aud` is the origin. */
export const receiverOf = ({ settings, directory, now }: Exchange): Receiver => ({
  audience: settings.origin,
  keyOf: directory.keyOf,
  now,
});
