import type { VerifierKey } from './tlog/verifier-key.ts';

/** Signs notes under one name: a log's own key, or a witness's. */
export type NoteSigner = {
  readonly verifier: VerifierKey;
  /** 64 bytes of Ed25519 (RFC 8032) over the message. Rejects with the problem `signer-unavailable`. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
};
