import * as z from 'zod';
import { fromBase64Url, toBase64Url } from '../kernel/bytes.ts';
import type { Head } from './log-head.ts';

const count = z.int().nonnegative();

const rootLength = 32;

const Root = z.string().transform((text, context): Uint8Array => {
  const bytes = fromBase64Url(text);
  if (bytes?.length === rootLength) return bytes;
  context.addIssue({ code: 'custom', message: 'must be 32 bytes in base64url' });
  return z.NEVER;
});

const HeadText = z.strictObject({
  version: count,
  size: count,
  root: Root,
  bucket: count,
  slot: count,
  again: z.tuple([count, count]).readonly(),
  late: z.array(z.string()).readonly(),
  config: z.string(),
  time: count,
});

/** A head as one JSON text, the same for the same head; throws for one that cannot be read again. */
export const formatHead = (head: Head): string => {
  const { version, size, root, bucket, slot, again, late, config, time } = head;
  const members = { version, size, root: toBase64Url(root), bucket, slot };
  const text = JSON.stringify({ ...members, again, late, config, time });
  parseHead(text);
  return text;
};

/** Reads what {@link formatHead} wrote; throws for every other text. */
export const parseHead = (text: string): Head => HeadText.parse(JSON.parse(text));
