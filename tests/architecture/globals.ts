import type { ArrowFunctionExpression, Function as NamedFunction, Node, Program } from 'oxc-parser';
import { childrenOf } from './nodes.ts';

/** The use of a name that nothing in the file declares, with the nodes around it, nearest first. */
export type GlobalUse = {
  readonly name: string;
  readonly start: number;
  readonly around: readonly Node[];
};

/** TypeScript nodes that hold an expression; every other one says types only. */
const typedExpressions = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSInstantiationExpression',
]);

/** Nodes whose names stand for no value. */
const labelling = new Set([
  'ImportSpecifier',
  'MetaProperty',
  'LabeledStatement',
  'BreakStatement',
  'ContinueStatement',
]);

const isOnlyType = (node: Node): boolean =>
  node.type.startsWith('TS') && !typedExpressions.has(node.type);

type FunctionNode = ArrowFunctionExpression | NamedFunction;

const isFunction = (node: Node): node is FunctionNode =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression';

/** The names that a parameter or the left side of a declaration brings. */
const boundBy = (pattern: Node): readonly string[] => {
  if (pattern.type === 'Identifier') return [pattern.name];
  if (pattern.type === 'AssignmentPattern') return boundBy(pattern.left);
  if (pattern.type === 'RestElement') return boundBy(pattern.argument);
  if (pattern.type === 'Property') return boundBy(pattern.value);
  return pattern.type === 'ObjectPattern' || pattern.type === 'ArrayPattern'
    ? childrenOf(pattern).flatMap(boundBy)
    : [];
};

/** The names that one node brings into the function or file around it. */
const broughtBy = (node: Node): readonly string[] => {
  if (node.type === 'VariableDeclarator') return boundBy(node.id);
  if (node.type === 'CatchClause') return node.param === null ? [] : boundBy(node.param);
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') {
    return node.id === null ? [] : [node.id.name];
  }
  return node.type === 'ImportSpecifier' ||
    node.type === 'ImportDefaultSpecifier' ||
    node.type === 'ImportNamespaceSpecifier'
    ? [node.local.name]
    : [];
};

/** The names declared under a node, but not in the functions inside it. */
const declaredIn = (node: Node): readonly string[] => {
  if (isOnlyType(node)) return [];
  return isFunction(node)
    ? broughtBy(node)
    : [...broughtBy(node), ...childrenOf(node).flatMap(declaredIn)];
};

/** The names known in all of a function or file: its parameters, its own name and what it declares. */
const scopeOf = (node: FunctionNode | Program): readonly string[] => {
  const declared = childrenOf(node).flatMap(declaredIn);
  if (node.type === 'Program') return declared;
  const own = node.id === null ? [] : [node.id.name];
  return [...own, ...node.params.flatMap(boundBy), ...declared];
};

/** A name that is only a label of something: `.name`, `{ name: … }`, `export { x as name }`. */
const isLabel = (node: Node, parent: Node | undefined): boolean => {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (parent.type === 'ExportSpecifier') return parent.local !== node;
  if ('key' in parent && 'computed' in parent) return parent.key === node && !parent.computed;
  return labelling.has(parent.type);
};

/** Every use of a name that the file does not declare itself. Blocks count as part of their function. */
export const globalUses = (program: Program): readonly GlobalUse[] => {
  const uses: GlobalUse[] = [];
  const walk = (
    node: Node,
    around: readonly Node[],
    known: readonly ReadonlySet<string>[],
  ): void => {
    if (isOnlyType(node)) return;
    if (node.type === 'Identifier') {
      const declared = known.some((scope) => scope.has(node.name));
      if (!declared && !isLabel(node, around[0])) {
        uses.push({ name: node.name, start: node.start, around });
      }
    }
    const inside =
      isFunction(node) || node.type === 'Program' ? [new Set(scopeOf(node)), ...known] : known;
    for (const child of childrenOf(node)) walk(child, [node, ...around], inside);
  };
  walk(program, [], []);
  return uses;
};
