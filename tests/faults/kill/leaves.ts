/** What the journal and the log hold, read past the exchange. */
import * as z from 'zod';
import { tables } from '#infra/local/tables.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { parseBundle } from '#shared/audit/tlog/bundle.ts';
import { parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { directoryLog } from '#shared/client/cli/directory-log.ts';
import type { Victim } from './victim.ts';

const Row = z.object({
  pk: z.object({ S: z.string() }),
  sk: z.object({ S: z.string() }),
  r: z.object({ B: z.string() }).optional(),
});
type Row = z.infer<typeof Row>;
const Page = z.object({ Items: z.array(Row), LastEvaluatedKey: z.unknown().optional() });

const rowsOf = async (store: Victim['store']): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  let from: unknown;
  do {
    const answer = await store('Scan', {
      TableName: tables.JOURNAL_TABLE,
      ConsistentRead: true,
      ...(from !== undefined && { ExclusiveStartKey: from }),
    });
    const page = Page.parse(answer);
    rows.push(...page.Items);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return rows;
};

/** What the journal promises the log, as text: each leaf that it must hold. */
export type Journal = {
  /** By inquiry: its leaf; undefined while it has no outcome. */
  readonly inquiries: ReadonlyMap<string, string | undefined>;
  readonly records: ReadonlySet<string>;
};

const textOf = (data: Uint8Array): string => Buffer.from(data).toString('utf8');

export const readJournal = async (store: Victim['store']): Promise<Journal> => {
  const texts = new Map(
    (await rowsOf(store))
      .filter(({ pk }) => pk.S.startsWith('J#'))
      .flatMap(({ sk, r }) =>
        r === undefined ? [] : [[sk.S, unpackRecord(Buffer.from(r.B, 'base64'))] as const],
      ),
  );
  const under = (row: string): readonly string[] =>
    [...texts.keys()].filter((key) => key.endsWith(`#${row}`)).map((key) => key.slice(0, -2));
  const inquiries = under('i').map((id) => {
    const outcome = texts.get(`${id}#o`);
    const intent = texts.get(`${id}#i`) ?? '';
    return [id, outcome === undefined ? undefined : textOf(leafData(intent, outcome))] as const;
  });
  const records = under('r').map((id) => textOf(recordLeafData(texts.get(`${id}#r`) ?? '')));
  return { inquiries: new Map(inquiries), records: new Set(records) };
};

/** All leaves of the published log in a folder, as text, in their order. */
export const readLeaves = async (folder: string): Promise<readonly string[]> => {
  const reader = directoryLog(folder);
  const note = parseNote((await reader.checkpoint()) ?? new Uint8Array());
  const size = Number((note && parseCheckpoint(note.text))?.size ?? 0n);
  const bundles = Array.from({ length: Math.ceil(size / tileWidth) }, async (_, index) => {
    const width = Math.min(tileWidth, size - index * tileWidth);
    const bytes = await reader.bundle({ index, width });
    const entries = bytes === undefined ? undefined : parseBundle(bytes, width);
    if (entries === undefined) throw new Error('A bundle of the log cannot be read.');
    return entries.map(textOf);
  });
  return (await Promise.all(bundles)).flat();
};
