import { createHmac } from 'node:crypto';
import { equalBytes, fromBase64Url, type SecretKey, toBase64Url } from '../../kernel/bytes.ts';
import { numericDate } from '../../kernel/clock.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';

/** Seconds for which a link can be used: whoever needs longer asks for new ones. */
export const linkTime = 3600;

/** A part of an export, and until when the link to it can be used, in seconds since 1970. */
export type LinkedPart = {
  readonly id: InquiryId;
  readonly part: number;
  readonly expires: number;
};

const signatureOf = (key: SecretKey, { id, part, expires }: LinkedPart): string =>
  toBase64Url(
    createHmac('sha256', key).update(['export-part', id, part, expires].join('\0')).digest(),
  );

/** The address of a part for whoever has the link, below the origin. */
export const partLink = (key: SecretKey, linked: LinkedPart): string =>
  `/v1/audit/exports/${linked.id}/parts/${linked.part}` +
  `?expires=${linked.expires}&sig=${signatureOf(key, linked)}`;

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^(?:0|[1-9][0-9]{0,11})$/.test(text) ? Number(text) : undefined;

type Told = Readonly<Record<string, string | undefined>>;

const invalid = (): Problem =>
  new Problem('link-invalid', 'Ask for the export again: it comes with new links.');

/** What a link leads to. Throws `link-invalid` for one that was not made here, or whose time is over. */
export const readPartLink = (
  key: SecretKey,
  { path, query, now }: { readonly path: Told; readonly query: Told; readonly now: number },
): LinkedPart => {
  const id = InquiryId.safeParse(path['id']).data;
  const part = wholeNumber(path['part']);
  const expires = wholeNumber(query['expires']);
  const given = fromBase64Url(query['sig'] ?? '');
  if (id === undefined || part === undefined || expires === undefined || given === undefined) {
    throw invalid();
  }
  const linked = { id, part, expires };
  const right = fromBase64Url(signatureOf(key, linked)) ?? new Uint8Array();
  if (!equalBytes(given, right) || expires <= numericDate(now)) throw invalid();
  return linked;
};
