import { type TileId, tileWidth } from './tree.ts';

/** Which entry bundle: the `index`-th, holding its first `width` entries. */
export type BundleId = { readonly index: number; readonly width: number };

/** A resource of a tiled log. */
export type Resource =
  | { readonly kind: 'checkpoint' }
  | ({ readonly kind: 'tile' } & TileId)
  | ({ readonly kind: 'bundle' } & BundleId);

/** `1234067` is `x001/x234/067`. */
const formatIndex = (index: number): string => {
  const last = String(index % 1000).padStart(3, '0');
  const rest = Math.floor(index / 1000);
  return rest === 0 ? last : `${formatGroups(rest)}/${last}`;
};

const formatGroups = (index: number): string => {
  const group = `x${String(index % 1000).padStart(3, '0')}`;
  const rest = Math.floor(index / 1000);
  return rest === 0 ? group : `${formatGroups(rest)}/${group}`;
};

const suffix = (width: number): string => (width === tileWidth ? '' : `.p/${width}`);

/** `tile/<L>/<N>[.p/<W>]`, below the log's prefix (C2SP tlog-tiles). */
export const tilePath = ({ level, index, width }: TileId): string =>
  `tile/${level}/${formatIndex(index)}${suffix(width)}`;

/** `tile/entries/<N>[.p/<W>]`, below the log's prefix (C2SP tlog-tiles). */
export const bundlePath = ({ index, width }: BundleId): string =>
  `tile/entries/${formatIndex(index)}${suffix(width)}`;

const pattern =
  /^tile\/(?<level>entries|0|[1-9]|[1-5][0-9]|6[0-3])\/(?<index>(?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/(?<width>[1-9][0-9]{0,2}))?$/;

/** Reads a path below the log's prefix; undefined for every other text. Each resource has one path. */
export const parsePath = (path: string): Resource | undefined => {
  if (path === 'checkpoint') return { kind: 'checkpoint' };
  const { level, index: groups = '', width: partial } = pattern.exec(path)?.groups ?? {};
  if (level === undefined) return undefined;
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? tileWidth : Number(partial);
  if (!Number.isSafeInteger(index) || formatIndex(index) !== groups) return undefined;
  if (partial !== undefined && width >= tileWidth) return undefined;
  return level === 'entries'
    ? { kind: 'bundle', index, width }
    : { kind: 'tile', level: Number(level), index, width };
};
