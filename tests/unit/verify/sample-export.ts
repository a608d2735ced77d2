/** Exports of small logs, and ways to bend them. */
import * as z from 'zod';
import { type ExportedEntry, formatEntryLine } from '#shared/audit/export/entry-line.ts';
import type { ExportPart } from '#shared/audit/export/export-order.ts';
import { makeExport, type Spool } from '#shared/audit/export/make-export.ts';
import { type Manifest, memberNames, parseManifest } from '#shared/audit/export/manifest.ts';
import { blockSize, parseHeader } from '#shared/audit/export/tar-header.ts';
import { tarEnd, tarFile } from '#shared/audit/export/write-tar.ts';
import {
  checkExport,
  type ExportCheckOptions,
  type ExportReport,
} from '#shared/client/verify/check-export.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import type { BuiltLog } from '#tests/support/log-builder.ts';
import { policy } from './sample-log.ts';

/** A file of an export. */
export type Member = { readonly name: string; readonly bytes: Uint8Array };

export const memorySpool = (): Spool => {
  const parts: Uint8Array[] = [];
  return {
    write: async (bytes) => {
      parts.push(bytes);
    },
    read: async function* () {
      yield* parts;
    },
  };
};

/** A range of a built log; all of it by default. */
export const partOf = (
  { files, size, root, checkpoint }: BuiltLog,
  { shard = 0, from = 0, to = size }: { shard?: number; from?: number; to?: number } = {},
): ExportPart => ({
  shard,
  from,
  to,
  size,
  root,
  checkpoint,
  files: { get: async (path) => files.get(path) },
});

export const exportOf = async (
  parts: readonly ExportPart[],
  policyInside?: Uint8Array,
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  const made = makeExport({ parts, policy: policyInside, spool: memorySpool() });
  for await (const chunk of made) chunks.push(chunk);
  return concat(...chunks);
};

/** The files of an export, in their order. */
export const membersOf = (tar: Uint8Array): readonly Member[] => {
  const members: Member[] = [];
  for (let at = 0; at < tar.length - tarEnd.length; ) {
    const { name, size } = parseHeader(tar.subarray(at, at + blockSize));
    const from = at + blockSize;
    members.push({ name, bytes: tar.subarray(from, from + size) });
    at = from + Math.ceil(size / blockSize) * blockSize;
  }
  return members;
};

const mtimeOfTar = (tar: Uint8Array): number => parseHeader(tar.subarray(0, blockSize)).mtime;

/** The tar of other members, with the time of the one they come from. */
export const tarOf = (members: readonly Member[], mtime: number): Uint8Array =>
  concat(...members.map(({ name, bytes }) => tarFile(name, bytes, mtime)), tarEnd);

/** The export with other files. */
export const bentMembers = (
  tar: Uint8Array,
  bend: (members: readonly Member[]) => readonly Member[],
): Uint8Array => tarOf(bend(membersOf(tar)), mtimeOfTar(tar));

/** The export with one file changed. */
export const bentMember = (
  tar: Uint8Array,
  name: string,
  bend: (bytes: Uint8Array) => Uint8Array,
): Uint8Array =>
  bentMembers(tar, (members) => {
    if (!members.some((one) => one.name === name)) throw new Error(`the export has no ${name}`);
    return members.map((one) => (one.name === name ? { name, bytes: bend(one.bytes) } : one));
  });

/** The export with other lines of entries. */
export const bentLines = (
  tar: Uint8Array,
  bend: (lines: readonly string[]) => readonly string[],
): Uint8Array =>
  bentMember(tar, memberNames.entries, (bytes) => {
    const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
    return utf8(
      bend(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });

/** A line with other members, canonical again. */
export const bentLine = (line: string, change: (json: JsonObject) => JsonObject): string => {
  const json = parseStrictJson(line);
  if (!isJsonObject(json)) throw new Error('a line is an object');
  return canonicalJson(change(json));
};

/** The right line of an entry. */
export const lineOf = (entry: ExportedEntry): string => formatEntryLine(entry).slice(0, -1);

/** Any object, spelt as a manifest is. */
export const speltManifest = (manifest: object): Uint8Array => {
  const json: unknown = JSON.parse(JSON.stringify(manifest));
  return utf8(`${canonicalJson(z.record(z.string(), z.json()).parse(json))}\n`);
};

/** The export with another manifest, spelt as one. */
export const bentManifest = (tar: Uint8Array, change: (manifest: Manifest) => object): Uint8Array =>
  bentMember(tar, memberNames.manifest, (bytes) => speltManifest(change(parseManifest(bytes))));

/** Bytes in chunks of a size. */
export const chunked = async function* (
  bytes: Uint8Array,
  size = 100_000,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
};

/** Verifies the bytes of an export. */
export const verifyExport = (
  tar: Uint8Array,
  options: Partial<ExportCheckOptions> = {},
): Promise<ExportReport> => checkExport({ source: chunked(tar), policy, depth: 'all', ...options });
