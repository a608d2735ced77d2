import type { Bound } from './authorize.ts';

/** Where the next page of a read is (RFC 8288); no header where there is none. */
export const nextLink = (
  origin: string,
  { path, query }: Pick<Bound, 'path' | 'query'>,
  cursor: string | undefined,
): { readonly link?: string } => {
  if (cursor === undefined) return {};
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return { link: `<${origin}${path}?${parameters.toString()}>; rel="next"` };
};
