import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { wantedRanges } from '#shared/api/accept.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';

/** A body of bytes as Lambda hands it over, and the headers that belong to its form. */
export type SentBytes = {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Lambda's answer holds 6 MB; what is larger than this does not fit in base64. */
const largestPlain = 4_194_304;

const compress = promisify(gzip);

/** Only who names gzip takes it (RFC 9110 §12.5.3). */
const takesGzip = (acceptEncoding: string): boolean =>
  wantedRanges(acceptEncoding).includes('gzip');

/**
 * Writes a body: in gzip for those who take it, where that makes it smaller, and for everybody where
 * it would not fit otherwise.
 */
export const sendBytes = async (bytes: Uint8Array, acceptEncoding: string): Promise<SentBytes> => {
  const mustShrink = bytes.length > largestPlain;
  const zipped = mustShrink || takesGzip(acceptEncoding) ? await compress(bytes) : undefined;
  const isSmaller = zipped !== undefined && (mustShrink || zipped.length < bytes.length);
  return {
    body: Buffer.from(isSmaller ? zipped : bytes).toString('base64'),
    headers: { vary: 'accept-encoding', ...(isSmaller && { 'content-encoding': 'gzip' }) },
  };
};

/** A weak entity tag (RFC 9110 §8.8.3): the same bytes in another encoding have it too. */
export const tagOf = (bytes: Uint8Array): string => `W/"${sha256Url(bytes)}"`;

/** Whether an If-None-Match field names this tag (RFC 9110 §13.1.2, weak comparison). */
export const isKnown = (ifNoneMatch: string, tag: string): boolean =>
  ifNoneMatch
    .split(',')
    .map((one) => one.trim())
    .some((one) => one === '*' || one.replace(/^W\//, '') === tag.replace(/^W\//, ''));
