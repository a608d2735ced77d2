import canonicalize from 'canonicalize';
import { isJsonArray, type JsonObject, type JsonValue } from './strict-json.ts';

/** Whether the names of all objects stand in order already, and JSON.stringify knows all values. */
const isInOrder = (value: JsonValue | undefined): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (value === undefined) return false;
  if (isJsonArray(value)) return value.every(isInOrder);
  let before = '';
  for (const name of Object.keys(value)) {
    if (name < before || !name.isWellFormed() || !isInOrder(value[name])) return false;
    before = name;
  }
  return true;
};

/**
 * The JSON Canonicalization Scheme (RFC 8785) of an object. That is what JSON.stringify writes (§3.2.2)
 * with the names in order (§3.2.3), so where they stand in order it is asked at once: three times faster.
 */
export const canonicalJson = (value: JsonObject): string => {
  if (isInOrder(value)) return JSON.stringify(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no JSON form.');
  return text;
};
