import { type Node, type Program, parseSync, Visitor } from 'oxc-parser';

/** Every file by its path from the root of the repository, with `/` between folders. */
export type Tree = ReadonlyMap<string, string>;

export type Import = {
  /** What is imported as it is written; undefined when it is computed. */
  readonly specifier: string | undefined;
  /** The names asked for: `*` for the whole module, none for a mere `import 'x'`. */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
  /** It passes on what it imports: `export … from`. */
  readonly reexport: boolean;
  readonly line: number;
};

export type Comment = { readonly text: string; readonly line: number };

export type Source = {
  readonly program: Program;
  readonly imports: readonly Import[];
  readonly comments: readonly Comment[];
  /** The line of an offset, counted from 1. */
  readonly lineOf: (offset: number) => number;
};

const nameOf = (node: { type: string; name?: string; value?: unknown }): string =>
  node.name ?? String(node.value);

const literal = (node: Node): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
};

const importsOf = (program: Program, lineOf: Source['lineOf']): readonly Import[] => {
  const found: Import[] = [];
  const add = (node: Node, from: Node, more: Partial<Import>): void => {
    found.push({
      specifier: literal(from),
      names: ['*'],
      typeOnly: false,
      reexport: false,
      line: lineOf(node.start),
      ...more,
    });
  };
  new Visitor({
    ImportDeclaration: (node) => {
      const kinds = node.specifiers.map((one) =>
        one.type === 'ImportSpecifier' ? one.importKind : 'value',
      );
      add(node, node.source, {
        names: node.specifiers.map((one) => {
          if (one.type === 'ImportSpecifier') return nameOf(one.imported);
          return one.type === 'ImportDefaultSpecifier' ? 'default' : '*';
        }),
        typeOnly:
          node.importKind === 'type' ||
          (kinds.length > 0 && kinds.every((kind) => kind === 'type')),
      });
    },
    ExportAllDeclaration: (node) => {
      add(node, node.source, { typeOnly: node.exportKind === 'type', reexport: true });
    },
    ExportNamedDeclaration: (node) => {
      if (node.source === null) return;
      add(node, node.source, {
        names: node.specifiers.map((one) => nameOf(one.local)),
        typeOnly: node.exportKind === 'type',
        reexport: true,
      });
    },
    ImportExpression: (node) => add(node, node.source, {}),
    TSImportType: (node) => add(node, node.source, { typeOnly: true }),
    TSImportEqualsDeclaration: (node) => {
      if (node.moduleReference.type !== 'TSExternalModuleReference') return;
      add(node, node.moduleReference.expression, { typeOnly: node.importKind === 'type' });
    },
    CallExpression: (node) => {
      const [from] = node.arguments;
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'require') return;
      if (from !== undefined) add(node, from, {});
    },
  }).visit(program);
  return found;
};

/** Reads one TypeScript file; throws when it is none, since an unread file would pass every check. */
export const parseSource = (path: string, text: string): Source => {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  return {
    program,
    imports: importsOf(program, lineOf),
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    lineOf,
  };
};
