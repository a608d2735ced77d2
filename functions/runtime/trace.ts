import { randomBytes } from 'node:crypto';

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Of the flags only `sampled` has a meaning; the others are set to zero (§3.2.2.5). */
const sampledOnly = (flags: string): string => (Number.parseInt(flags, 16) % 2 === 1 ? '01' : '00');

/**
 * The `traceparent` to pass on (W3C Trace Context, level 1 §3.2): the caller's trace with a span of
 * our own, or a new trace when the caller named none that is valid.
 */
export const nextTraceparent = (received: string | undefined): string => {
  const [, trace, flags = '00'] = pattern.exec(received ?? '') ?? [];
  const span = randomBytes(8).toString('hex');
  return `00-${trace ?? randomBytes(16).toString('hex')}-${span}-${sampledOnly(flags)}`;
};

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
