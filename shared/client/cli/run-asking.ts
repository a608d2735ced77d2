import { ExportFailed } from '../audit-export.ts';
import { NotReached, ReadRefused } from '../read.ts';
import { UntrustedReply } from '../untrusted-reply.ts';
import { exitCodes, refusedCode, usageCode } from './exit-codes.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { printable } from './printable.ts';
import type { Streams } from './verify.ts';

/** What a failure is told as; undefined for a bug. */
const codeOf = (error: unknown): number | undefined => {
  if (error instanceof WrongUsage) return usageCode;
  if (error instanceof FailedInput) return exitCodes[error.failure];
  if (error instanceof ReadRefused || error instanceof ExportFailed) return refusedCode;
  const isUnread = error instanceof UntrustedReply || error instanceof NotReached;
  return isUnread ? exitCodes.unreadable : undefined;
};

/** Runs a command that asks an exchange: one line of why where it cannot be done, and a code. */
export const runAsking = async (
  { err }: Pick<Streams, 'err'>,
  exit: (code: number) => void,
  work: () => Promise<number>,
): Promise<void> => {
  try {
    exit(await work());
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    err.write(`${printable(error.message)}\n`);
    exit(code);
  }
};

export const askingCodeHelp = `
Exit codes:
  0   it was answered
  ${usageCode}   the command line is wrong
  ${exitCodes.unreadable}   a file cannot be read, or the exchange did not answer
  ${refusedCode}  the exchange refused it, and said why`;
