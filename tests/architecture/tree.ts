import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tree } from './source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The lines of .gitignore as they are written here: `name/`, `path/name/` or `*.ending`. */
const ignored = readFileSync(`${root}.gitignore`, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(/^\/|\/$/g, ''));

const isIgnored = (path: string, name: string): boolean =>
  name === '.git' ||
  ignored.some((line) =>
    line.startsWith('*') ? name.endsWith(line.slice(1)) : line === name || line === path,
  );

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(`${root}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (isIgnored(path, entry.name)) return [];
    if (entry.isDirectory()) return filesUnder(`${path}/`);
    return entry.isFile() ? [path] : [];
  });

/** Every text file of the repository. It asks no git, so that the tests run in a plain archive too. */
export const readTree = (): Tree => {
  const texts = new Map<string, string>();
  for (const path of filesUnder('')) {
    const bytes = readFileSync(`${root}${path}`);
    if (!bytes.includes(0)) texts.set(path, bytes.toString('utf8'));
  }
  return texts;
};
