/** The two signature algorithms of protocol.md §2 (RFC 7518 §3.4, RFC 9864). */
export const algorithms = ['ES256', 'Ed25519'] as const;
export type Algorithm = (typeof algorithms)[number];

/** Both make signatures of 64 bytes: r and s side by side (RFC 7518 §3.4), or R and S (RFC 8032). */
export const signatureLength = 64;

export const isAlgorithm = (text: string): text is Algorithm =>
  algorithms.some((algorithm) => algorithm === text);
