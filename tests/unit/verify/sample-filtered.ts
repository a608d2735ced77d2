/** Filtered exports of the complete log, and of a long one; and ways to bend them. */
import { type ExportFilter, ExportFilter as Filter } from '#shared/audit/export/export-filter.ts';
import type { ExportOrder, ExportPart } from '#shared/audit/export/export-order.ts';
import { makeExport } from '#shared/audit/export/make-export.ts';
import { memberNames } from '#shared/audit/export/manifest.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { complete } from './sample-complete.ts';
import { bentMember, memorySpool, partOf } from './sample-export.ts';
import { logOf } from './sample-log.ts';

export const completeLog = await logOf(complete);

/** An export of what a filter names; of the whole complete log by default. */
export const filteredOf = async (
  filter: ExportFilter,
  {
    scope,
    pending,
    parts = [partOf(completeLog)],
    homes = new Map(),
  }: {
    readonly scope?: NonNullable<ExportOrder['filtering']>['scope'] | undefined;
    readonly pending?: ExportOrder['pending'];
    readonly parts?: readonly ExportPart[];
    readonly homes?: ReadonlyMap<string, string>;
  } = {},
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  const made = makeExport({
    parts,
    filtering: { filter: Filter.parse(filter), scope },
    pending,
    spool: memorySpool(),
    provinceOf: async (counter) => homes.get(counter),
  });
  for await (const chunk of made) chunks.push(chunk);
  return concat(...chunks);
};

/** The export with other lines of censuses. */
export const bentCensuses = (
  tar: Uint8Array,
  bend: (lines: readonly string[]) => readonly string[],
): Uint8Array =>
  bentMember(tar, memberNames.census, (bytes) => {
    const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
    return utf8(
      bend(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });
