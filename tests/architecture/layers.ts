import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Layer, layers } from './layer-table.ts';
import { type Import, parseSource, type Tree } from './source.ts';

type Target =
  | { readonly kind: 'ours'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'unknown'; readonly reason: string };

const fits = (folder: string, path: string): boolean => {
  const wanted = folder.split('/');
  const parts = path.split('/');
  // A folder, not a file: at least the file's own name stands after it.
  return (
    wanted.length < parts.length && wanted.every((part, i) => part === '*' || part === parts[i])
  );
};

const literalParts = ({ folder }: Layer): number =>
  folder.split('/').filter((part) => part !== '*').length;

/** The row that speaks for a file: the longest, and of two as long the one without a `*`. */
const layerOf = (path: string): Layer | undefined =>
  layers
    .filter(({ folder }) => fits(folder, path))
    .toSorted(
      (a, b) =>
        b.folder.split('/').length - a.folder.split('/').length ||
        literalParts(b) - literalParts(a),
    )[0];

/** The layer by the file's own folder name, so that two functions are two layers. */
const layerName = (path: string): string | undefined => {
  const layer = layerOf(path);
  return layer && path.split('/').slice(0, layer.folder.split('/').length).join('/');
};

const targetOf = (path: string, specifier: string): Target => {
  if (specifier.startsWith('.')) {
    return { kind: 'ours', path: posix.join(posix.dirname(path), specifier) };
  }
  if (specifier.startsWith('#')) return { kind: 'ours', path: specifier.slice(1) };
  if (specifier.startsWith('/') || /^[a-z]+:\/\//.test(specifier)) {
    return { kind: 'unknown', reason: 'an import names a package, a neighbour or `#folder/file`' };
  }
  if (isBuiltin(specifier)) {
    return { kind: 'package', name: `node:${specifier.replace(/^node:/, '')}` };
  }
  return { kind: 'package', name: specifier };
};

const mayUsePackage = (layer: Layer, name: string): boolean =>
  layer.packages.some((allowed) =>
    allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed,
  );

const mayUseOurs = (layer: Layer, from: string, to: string, typeOnly: boolean): boolean => {
  const name = layerName(to);
  const allowed = [...layer.ours, ...(typeOnly ? (layer.oursAsTypes ?? []) : [])];
  return (
    (name !== undefined && (name === layerName(from) || allowed.includes(name))) ||
    allowed.includes(to)
  );
};

const importViolation = (path: string, layer: Layer, found: Import): string | undefined => {
  const { specifier, typeOnly } = found;
  const here = `${path}:${found.line}`;
  if (specifier === undefined) {
    return layer.computedImports === true
      ? undefined
      : `${here} imports a computed name: write it out, so that the table can be held`;
  }
  const target = targetOf(path, specifier);
  switch (target.kind) {
    case 'unknown':
      return `${here} imports '${specifier}': ${target.reason}`;
    case 'package':
      return mayUsePackage(layer, target.name)
        ? undefined
        : `${here} imports '${specifier}': ${layer.folder} may import ${layer.packages.join(', ') || 'no package'}`;
    case 'ours':
      return mayUseOurs(layer, path, target.path, typeOnly)
        ? undefined
        : `${here} imports '${specifier}': ${layer.folder} may import ${layer.ours.join(', ') || 'nothing of ours'}${typeOnly ? '' : (layer.oursAsTypes ?? []).map((name) => `, only the types of ${name}`).join('')}`;
  }
};

const isGoverned = (path: string): boolean =>
  /^(events|shared|functions|infra)\/.*\.(ts|mts|cts|mjs|js)$/.test(path);

/** Every import that the table "who may import whom" does not allow, one sentence each. */
export const layerViolations = (tree: Tree): readonly string[] =>
  [...tree]
    .filter(([path]) => isGoverned(path))
    .flatMap(([path, text]) => {
      const layer = layerOf(path);
      if (layer === undefined) return [`${path} is in a folder without a row in the layer table`];
      return parseSource(path, text).imports.flatMap(
        (found) => importViolation(path, layer, found) ?? [],
      );
    });

/** Whether the table keeps this file from time, randomness, the process and the network. */
export const isPure = (path: string): boolean => isGoverned(path) && layerOf(path)?.pure === true;
