import { maxEntry } from '../../audit/tlog/bundle.ts';
import { hashSize } from '../../audit/tlog/hash.ts';
import { maxNote } from '../../audit/tlog/note.ts';
import { parsePath } from '../../audit/tlog/tile-path.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';

/** The most bytes that a resource of a tiled log can have, by its path below the log's prefix. */
export const limitOf = (path: string): number => {
  const resource = parsePath(path);
  switch (resource?.kind) {
    case 'tile':
      return tileWidth * hashSize;
    case 'bundle':
      return tileWidth * (maxEntry + 2);
    case 'checkpoint':
    case undefined:
      return maxNote;
  }
};
