/** Why bytes are no export. */
export const exportFaults = {
  truncated: 'it ends before it should',
  'not-ustar': 'a member does not begin with the header of a tar (ustar)',
  checksum: 'the checksum of a header is wrong',
  'not-a-file': 'a member is no plain file',
  name: 'a member has a name that no member of an export has',
  header: 'a header is not as an export has it',
  padding: 'the bytes that fill a block are not zero',
  unexpected: 'a member is unknown, twice, missing or out of its order',
  'too-large': 'a member is larger than it can be',
  mtime: 'the members have other times than their manifest says',
  'line-open': 'the last line of the entries has no end',
  surplus: 'bytes follow its end',
  version: 'it is of a version that this verifier does not know',
  manifest: 'its manifest does not have its form',
} as const;
export type ExportFault = keyof typeof exportFaults;

/** Bytes that are no export; its text holds nothing of them. */
export class ExportInvalid extends Error {
  override readonly name = 'ExportInvalid';
  readonly fault: ExportFault;

  constructor(fault: ExportFault, options?: ErrorOptions) {
    super(`It is no export: ${exportFaults[fault]}.`, options);
    this.fault = fault;
  }
}
