import { parsePath, type Resource } from '../audit/tlog/tile-path.ts';

/** A file of a log, by the address it is read under. */
export type LogAddress = {
  readonly shard: number;
  /** Below the log, as C2SP tlog-tiles has it. */
  readonly path: string;
  readonly resource: Resource;
};

const pattern = /^\/log\/(?<shard>0|[1-9][0-9]{0,3})\/(?<path>.+)$/s;

/**
 * Reads the path of a URL as it was sent; undefined for everything but the one spelling of a file of
 * a log: nothing in it is decoded, and nothing is normalised.
 */
export const parseLogAddress = (urlPath: string): LogAddress | undefined => {
  const { shard = '', path = '' } = pattern.exec(urlPath)?.groups ?? {};
  const resource = parsePath(path);
  return resource === undefined ? undefined : { shard: Number(shard), path, resource };
};
