import * as z from 'zod';
import { equalBytes, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { jsonIn } from '../leaf-json.ts';
import { fromBase64, toBase64 } from '../tlog/base64.ts';
import { maxEntry } from '../tlog/bundle.ts';
import { viewOf } from './view.ts';

/** The most bytes of a line: the largest leaf in base64, its view, and all its disclosures. */
export const maxLine = 524_288;

const Texts = z.array(z.string()).max(64);

/** Facts opened to whom the export is for: texts of SD-JWT disclosures (RFC 9901 §4.2). */
const Disclosed = z
  .strictObject({ request: Texts, response: Texts })
  .refine(({ request, response }) => request.length + response.length > 0);
export type Disclosed = z.infer<typeof Disclosed>;

export type ExportedEntry = {
  readonly shard: number;
  readonly index: number;
  readonly data: Uint8Array;
  /** Absent when nothing was opened. */
  readonly disclosures?: Disclosed | undefined;
};

const Line = z.strictObject({
  shard: z.int().min(0),
  index: z.int().min(0),
  leaf: z.string(),
  disclosures: Disclosed.optional(),
  view: z.record(z.string(), z.json()),
});

/**
 * The members in the order of their names (RFC 8785 §3.2.3). Base64 needs no escape, so what is most of a
 * line is put into it as it is.
 */
const spelt = ({ shard, index, data, disclosures }: ExportedEntry, view: JsonObject): string => {
  const opened =
    disclosures === undefined ? '' : `"disclosures":${canonicalJson({ ...disclosures })},`;
  const leaf = `"index":${index},"leaf":"${toBase64(data)}","shard":${shard}`;
  return `{${opened}${leaf},"view":${canonicalJson(view)}}\n`;
};

/** The one line of an entry: RFC 8785 JSON with its decoded view, and a newline. */
export const formatEntryLine = (entry: ExportedEntry): string => spelt(entry, viewOf(entry.data));

export type ReadLine =
  | { readonly kind: 'malformed' }
  /** `view`: it is not what the leaf says; `spelling`: the line is not RFC 8785 JSON. */
  | {
      readonly kind: 'read';
      readonly entry: ExportedEntry;
      /** What the leaf says, whatever the line has. */
      readonly right: JsonObject;
      readonly wrong?: 'view' | 'spelling';
    };

/** Reads a line without its newline, and derives its view again. */
export const readEntryLine = (line: Uint8Array): ReadLine => {
  const { data: parsed } = Line.safeParse(jsonIn(line));
  const data = parsed === undefined ? undefined : fromBase64(parsed.leaf);
  if (parsed === undefined || data === undefined || data.length > maxEntry) {
    return { kind: 'malformed' };
  }
  const { shard, index, disclosures, view } = parsed;
  const entry = { shard, index, data, disclosures };
  const right = viewOf(data);
  if (equalBytes(line, utf8(spelt(entry, right).slice(0, -1))))
    return { kind: 'read', entry, right };
  const sameView = canonicalJson({ view }) === canonicalJson({ view: right });
  return { kind: 'read', entry, right, wrong: sameView ? 'spelling' : 'view' };
};
