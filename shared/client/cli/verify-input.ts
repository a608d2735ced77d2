import { stat } from 'node:fs/promises';
import { beginsLikeTar, blockSize } from '../../audit/export/tar-header.ts';
import { maxEntry } from '../../audit/tlog/bundle.ts';
import { maxNote } from '../../audit/tlog/note.ts';
import { type Policy, PolicyInvalid, parsePolicy } from '../../audit/tlog/policy.ts';
import { maxProofFile } from '../../audit/tlog/proof-file.ts';
import { participantIdPattern } from '../../kernel/participant-id.ts';
import { Problem } from '../../kernel/problem.ts';
import { parseStrictJson } from '../../kernel/strict-json.ts';
import { kinds } from '../../message/kind.ts';
import { signerOf } from '../private-key.ts';
import { type ReadReceipt, readReceipt } from '../verify/check-receipt.ts';
import { type LogReader, type ReadPath, readerOf } from '../verify/log-reader.ts';
import { folderPaths } from './directory-log.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { type Auditor, httpPaths } from './http-log.ts';
import { isAbsent, readBeginning, readInput, readParts } from './read-file.ts';

const maxPolicy = 1_048_576;
const maxKeyFile = 4096;

/** What is to be verified. */
export type Subject =
  | { readonly kind: 'log'; readonly reader: LogReader }
  | { readonly kind: 'proof'; readonly bytes: Uint8Array }
  | { readonly kind: 'receipt'; readonly receipt: ReadReceipt }
  | { readonly kind: 'entry'; readonly bytes: Uint8Array }
  | { readonly kind: 'export'; readonly source: AsyncIterable<Uint8Array> };

export const readPolicyFile = async (path: string): Promise<Policy> =>
  asPolicy(path, await readPolicyBytes(path));

export const readPolicyBytes = (path: string): Promise<Uint8Array> => readInput(path, maxPolicy);

export const asPolicy = (path: string, bytes: Uint8Array): Policy => {
  try {
    return parsePolicy(bytes);
  } catch (cause) {
    if (!(cause instanceof PolicyInvalid)) throw cause;
    throw new FailedInput('malformed', `${path}: ${cause.message}`, { cause });
  }
};

const asReceipt = (path: string, bytes: Uint8Array): ReadReceipt => {
  const receipt = readReceipt(Buffer.from(bytes).toString('latin1'));
  if (receipt !== undefined) return receipt;
  throw new FailedInput('malformed', `${path}: it is not a receipt, a compact JWS on one line.`);
};

export const readReceiptFile = async (path: string): Promise<ReadReceipt> =>
  asReceipt(path, await readInput(path, kinds.receipt.maxSize + 2));

export const readCheckpointFile = (path: string): Promise<Uint8Array> => readInput(path, maxNote);

export const readEntryFile = (path: string): Promise<Uint8Array> => readInput(path, maxEntry);

/** The auditor that two options name; undefined when neither is given. */
export const readAuditor = async (
  participant: string | undefined,
  key: string | undefined,
): Promise<Auditor | undefined> => {
  if (participant === undefined && key === undefined) return undefined;
  if (participant === undefined || key === undefined) {
    throw new WrongUsage('--participant and --key go together.');
  }
  if (!participantIdPattern.test(participant)) {
    throw new WrongUsage('--participant must be like auditor:name.');
  }
  const bytes = await readInput(key, maxKeyFile);
  try {
    return { participant, signer: await signerOf(parseStrictJson(bytes)) };
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new FailedInput('malformed', `${key}: it is not a private JWK.`, { cause });
  }
};

const isUrl = (what: string): boolean => /^https?:\/\//i.test(what);

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const why = isAbsent(cause) ? 'there is no such file or folder' : 'it cannot be looked at';
    throw new FailedInput('unreadable', `${path}: ${why}.`, { cause });
  }
};

/** The files of a log by its URL or folder; undefined when it is a file. */
export const openLogPaths = async (
  what: string,
  auditor: Auditor | undefined,
): Promise<ReadPath | undefined> => {
  if (!isUrl(what)) return (await isFolder(what)) ? folderPaths(what) : undefined;
  const url = URL.parse(what);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new WrongUsage('The URL of a log has no query, no fragment and no user.');
  }
  return httpPaths(url.href, auditor);
};

/** A log by its URL or folder; undefined when it is a file. */
export const openLog = async (
  what: string,
  auditor: Auditor | undefined,
): Promise<LogReader | undefined> => {
  const paths = await openLogPaths(what, auditor);
  return paths === undefined ? undefined : readerOf(paths);
};

/** Opens what is to be verified; a file is known by its content. */
export const openSubject = async (what: string, auditor: Auditor | undefined): Promise<Subject> => {
  const reader = await openLog(what, auditor);
  if (reader !== undefined) return { kind: 'log', reader };
  if (beginsLikeTar(await readBeginning(what, blockSize))) {
    return { kind: 'export', source: readParts(what) };
  }
  const bytes = await readInput(what, maxProofFile);
  const text = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (text.startsWith('c2sp.org/tlog-proof@')) return { kind: 'proof', bytes };
  if (text.startsWith('{')) return { kind: 'entry', bytes };
  if (text.startsWith('ey')) return { kind: 'receipt', receipt: asReceipt(what, bytes) };
  throw new FailedInput(
    'malformed',
    `${what}: it is no proof, no receipt, no entry and no export.`,
  );
};
