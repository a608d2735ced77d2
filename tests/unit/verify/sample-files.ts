/** A small log, a long one, and ways to bend their files. */
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { type LogFiles } from '#tests/support/log-builder.ts';
import { registryLeaf } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { cast, firstLeaves, inquiriesAt, logOf } from './sample-log.ts';

export const inquiries = await inquiriesAt([0, 1000, 2000, 12_000, 13_000, 40_000]);
export const entries = inquiries.map(({ data }) => data);
export const leaves = [...firstLeaves, ...entries];
export const built = await logOf(leaves);

/** Registry leaves are the cheapest entries: for logs of several tiles. */
export const longLeaves = [
  ...firstLeaves,
  ...Array.from({ length: 700 }, (_, n) =>
    registryLeaf(cast.counter, testNow - 50_000 + n * 50, { version: n + 2 }),
  ),
];
export const long = await logOf(longLeaves);

export const changed = (
  files: LogFiles,
  path: string,
  change: (bytes: Uint8Array) => Uint8Array,
) => {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`the log has no ${path}`);
  return new Map(files).set(path, change(Uint8Array.from(bytes)));
};

export const flipAt = (position: number) => (bytes: Uint8Array) =>
  bytes.map((byte, n) => (n === position ? byte ^ 1 : byte));

export const without = (files: LogFiles, path: string): LogFiles => {
  const rest = new Map(files);
  if (!rest.delete(path)) throw new Error(`the log has no ${path}`);
  return rest;
};

export const bundle = bundlePath({ index: 0, width: leaves.length });
export const tile = tilePath({ level: 0, index: 0, width: leaves.length });
