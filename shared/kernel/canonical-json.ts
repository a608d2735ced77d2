import canonicalize from 'canonicalize';
import type { JsonObject } from './strict-json.ts';

/** The JSON Canonicalization Scheme (RFC 8785) of an object. */
export const canonicalJson = (value: JsonObject): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no JSON form.');
  return text;
};
