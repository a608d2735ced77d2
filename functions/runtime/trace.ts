import { randomBytes } from 'node:crypto';

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * The `traceparent` to pass on (W3C Trace Context, level 1 §3.2): the caller's trace with a span of
 * our own, or a new trace when the caller named none that is valid.
 */
export const nextTraceparent = (received: string | undefined): string => {
  const [, trace, flags] = pattern.exec(received ?? '') ?? [];
  const span = randomBytes(8).toString('hex');
  return `00-${trace ?? randomBytes(16).toString('hex')}-${span}-${flags ?? '00'}`;
};

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
