import { toSearchKey } from '../../persian/text.ts';

/** What people write where a case must be named and there is none. */
const none = new Set([
  'ندارد',
  'بدون',
  'هیچ',
  'فاقد',
  'none',
  'no',
  'nil',
  'null',
  'na',
  'x',
  'xx',
]);

/**
 * Whether a text names a case: something must be said, and something else than that there is none.
 * Marks and zeros alone say nothing. Whether there is such a case is not known here.
 */
export const namesCase = (text: string): boolean => {
  const said = toSearchKey(text).replaceAll(/[^\p{L}\p{N}]/gu, '');
  return said !== '' && !/^0+$/.test(said) && !none.has(said);
};
