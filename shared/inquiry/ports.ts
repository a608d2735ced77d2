import type { Signer } from '../message/key.ts';

/** What came back from an agency, before anything of it is believed. */
export type AgencyReply =
  | {
      readonly kind: 'replied';
      readonly status: number;
      /** The media type without parameters, in lower case; empty when none was named. */
      readonly mediaType: string;
      /** Latin-1 text of the body: a byte above 0x7F shows as a character that is not ASCII. */
      readonly body: string;
    }
  /** It was certainly not asked, or the connection broke: nothing is known about the subject. */
  | { readonly kind: 'unavailable'; readonly reason: 'unreachable' | 'broken' | 'resting' | 'busy' }
  | { readonly kind: 'timeout' }
  /** It did answer, but not in a way that is taken. */
  | {
      readonly kind: 'unacceptable';
      readonly reason: 'too-large' | 'redirect';
      readonly status: number;
    };

export type AgencyCall = {
  readonly agency: string;
  readonly endpoint: string;
  /** The signed forward. */
  readonly token: string;
  /** Milliseconds from the call to the last byte of the answer, retries and all. */
  readonly timeout: number;
  /** W3C Trace Context, level 1. */
  readonly traceparent: string;
};

/**
 * Agencies over the network. Never rejects, never follows a redirect, reads at most 65,536 bytes,
 * and tries again only where the agency has certainly not received the call. An agency that keeps
 * failing is left alone for a while (`resting`).
 */
export type Agencies = { readonly ask: (call: AgencyCall) => Promise<AgencyReply> };

/** The key the exchange signs with now. Rejects with the problem `signer-unavailable`. */
export type ExchangeSigner = () => Promise<Signer>;

/** Random bytes from the system's source. */
export type Random = (length: number) => Uint8Array;

/** Waits for work that nothing depends on: not for long, and whether or not it fails. */
export type Briefly = (work: Promise<unknown>) => Promise<void>;

/** Notes how long a named step took, for `Server-Timing`. */
export type Timed = <Result>(step: string, work: () => Promise<Result>) => Promise<Result>;
