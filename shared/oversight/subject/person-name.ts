import { createHmac } from 'node:crypto';
import { type SecretKey, toBase64Url } from '../../kernel/bytes.ts';
import type { TaggedSubject } from '../tags.ts';

/**
 * A person under a use: 16 characters that without the key nobody gets from a number, and that lead to
 * no other use and to no pseudonym of the index.
 */
export const personName = (key: SecretKey, use: string, { type, value }: TaggedSubject): string =>
  toBase64Url(
    createHmac('sha256', key)
      .update(['person', use, type, value].join('\0'))
      .digest()
      .subarray(0, 12),
  );
