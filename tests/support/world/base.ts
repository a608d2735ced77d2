import type { Env } from '#functions/runtime/env.ts';
import type { Places } from '#infra/local/places.ts';
import type { PersonKey } from '../person-tokens.ts';
import type { StoreProxy } from '../store-proxy.ts';

/** An exchange that runs as a process of this machine. */
export type ExchangeProcess = {
  readonly url: string;
  /** Everything it has printed. */
  readonly output: () => string;
  /** Ends it at once, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Ends it as an operator does; harmless when it has ended already. */
  readonly stop: () => Promise<void>;
};

/** A process beside the exchange that a test may take away for a while. */
export type Part = {
  readonly start: () => Promise<void>;
  /** Harmless when it does not run. */
  readonly stop: () => Promise<void>;
};

/** What only an exchange on this machine lets a test do. */
export type Workshop = {
  /** Breaks the store. */
  readonly proxy: StoreProxy;
  /** The exchange itself. */
  readonly exchange: ExchangeProcess;
  /** Another process of the same exchange, over the same store and proxy, with some settings else. */
  readonly startAnother: (change?: Readonly<Record<string, string>>) => Promise<ExchangeProcess>;
  /** What sequences, publishes and indexes the log. */
  readonly log: Part;
  /** Signs the tokens that persons are known by. */
  readonly personKey: PersonKey;
  /** Both of them are wanted for a quorum. */
  readonly witnesses: readonly Part[];
  /** Where the log is, batches on their way to it, the witnesses' memory, and what all these print. */
  readonly places: Pick<Places, 'objects' | 'staging' | 'witnesses' | 'logs'>;
};

/** An exchange that runs, and where its tables are. */
export type Base = {
  /** Where requests go; messages name `origin`. */
  readonly url: string;
  readonly origin: string;
  /** The settings it runs with; the store is named past the proxy. */
  readonly env: Env;
  /** Undefined where the exchange is deployed. */
  readonly workshop: Workshop | undefined;
  readonly stop: () => Promise<void>;
};
