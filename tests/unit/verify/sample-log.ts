/** A small log with everything in it, and ways to bend it. */
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import type { Check, Failure } from '#shared/client/verify/failure.ts';
import type { Note } from '#shared/client/verify/findings.ts';
import { type FsckOptions, type FsckReport, fsck } from '#shared/client/verify/fsck.ts';
import { readerOf } from '#shared/client/verify/log-reader.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { type BuiltLog, buildLog, type LogFiles, policyText } from '#tests/support/log-builder.ts';
import {
  configLeaf,
  type InquiryParts,
  keyLeaf,
  type MadeInquiry,
  makeInquiry,
  registryLeaf,
} from '#tests/support/log-leaves.ts';
import { makeKey, type TestKey, testNow } from '#tests/support/messages.ts';

export const policy = parsePolicy(utf8(policyText()));

export type Cast = {
  readonly counter: TestKey;
  readonly agency: TestKey;
  readonly exchange: TestKey;
};

export const cast: Cast = {
  counter: await makeKey('ES256'),
  agency: await makeKey('Ed25519', 'agency:civil-registry'),
  exchange: await makeKey('ES256', 'exchange:estelam'),
};

/** The leaves a log begins with: its settings and the keys on record. */
export const firstLeaves: readonly Uint8Array[] = [
  configLeaf(),
  keyLeaf(cast.exchange),
  registryLeaf(cast.counter),
  registryLeaf(cast.agency),
];

/** An inquiry of the cast so many milliseconds after the beginning. */
export const inquiryAt = (after: number, parts: Partial<InquiryParts> = {}): Promise<MadeInquiry> =>
  makeInquiry({ ...cast, t: testNow + after, ...parts });

export const inquiriesAt = (afters: readonly number[]): Promise<readonly MadeInquiry[]> =>
  Promise.all(afters.map((after) => inquiryAt(after)));

export const logOf = (leaves: readonly Uint8Array[]): Promise<BuiltLog> => buildLog(leaves);

export const readFiles = (files: LogFiles) => readerOf(async (path) => files.get(path));

/** Verifies the files of a log. */
export const verifyFiles = (
  files: LogFiles,
  options: Partial<FsckOptions> = {},
): Promise<FsckReport> => fsck({ reader: readFiles(files), policy, depth: 'all', ...options });

/** Verifies the log of these leaves, rightly signed. */
export const verifyLeaves = async (
  leaves: readonly Uint8Array[],
  options: Partial<FsckOptions> = {},
): Promise<FsckReport> => verifyFiles((await logOf(leaves)).files, options);

export const failuresOf = ({ checks }: { readonly checks: readonly Check[] }): readonly Failure[] =>
  checks.flatMap((one) => (one.result === 'failed' ? [one.failure] : []));

/** The broken rules, each as `fault` or `fault@index`. */
export const faultsOf = ({ findings }: FsckReport): readonly string[] =>
  findings.map(({ fault, index }) => (index === undefined ? fault : `${fault}@${index}`));

/** What is noted beside that the keys of the cast came on record without a command. */
export const otherNotes = ({ notes }: FsckReport): readonly Note[] =>
  notes.filter(({ note }) => note !== 'changed-without-command');

/** The result of the first check whose name begins so. */
export const resultOf = (
  { checks }: { readonly checks: readonly Check[] },
  name: string,
): Check['result'] | undefined => checks.find(({ check }) => check.startsWith(name))?.result;
