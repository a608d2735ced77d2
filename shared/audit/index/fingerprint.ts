/**
 * 32 bits of a word (FNV-1a over its UTF-16 units, mixed as in MurmurHash3). Words that share one make
 * somebody look where nothing is; nothing is missed.
 */
export const fingerprintOf = (word: string): number => {
  let hash = 0x81_1c_9d_c5;
  for (let n = 0; n < word.length; n += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(n), 0x01_00_01_93);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
