import { leafData } from '#shared/audit/leaf.ts';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { type FsckOptions, fsck } from '#shared/client/verify/fsck.ts';
import { type LogReader, readerOf } from '#shared/client/verify/log-reader.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { buildLog, policyText } from '#tests/support/log-builder.ts';
import { configLeaf } from '#tests/support/log-leaves.ts';
import { keyLeaves, sampleEntries, sampleSigners } from './log-entries.ts';

/** A log to verify, and what it is made of. */
export type SampleLog = {
  readonly reader: LogReader;
  readonly leaves: readonly Uint8Array[];
  readonly size: number;
  readonly root: Uint8Array;
};

const perSecond = 200;

/** A log of so many leaves in memory; every signature in it and around it holds. */
export const sampleLog = async (size: number): Promise<SampleLog> => {
  const signers = await sampleSigners();
  const first = [configLeaf(), ...keyLeaves(signers)];
  const inquiries = sampleEntries(size - first.length, perSecond, signers).map(
    ({ intent, outcome }) => leafData(intent, outcome),
  );
  const leaves = [...first, ...inquiries];
  const { files, root } = await buildLog(leaves);
  return { reader: readerOf(async (path) => files.get(path)), leaves, size, root };
};

/** Verifies it; throws when anything is found. */
export const verifySample = async (
  { reader }: Pick<SampleLog, 'reader'>,
  depth: FsckOptions['depth'],
  startJudge?: FsckOptions['startJudge'],
): Promise<void> => {
  const policy = parsePolicy(utf8(policyText()));
  const judge = startJudge === undefined ? {} : { startJudge };
  const { findings, checks } = await fsck({ reader, policy, depth, ...judge });
  const wrong = checks.find(({ result }) => result === 'failed');
  const [finding] = findings;
  if (finding !== undefined || wrong !== undefined) {
    const why = finding?.detail ?? wrong?.check;
    throw new Error(`The log of the bench does not verify: ${why}`);
  }
};
