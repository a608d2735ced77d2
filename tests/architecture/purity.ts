import type { Node } from 'oxc-parser';
import { type GlobalUse, globalUses } from './globals.ts';
import { isPure } from './layers.ts';
import { parseSource, type Tree } from './source.ts';

/** Names that reach the clock, the environment or the network whatever is done with them. */
const impure = new Set([
  'process',
  'fetch',
  'globalThis',
  'global',
  'performance',
  'console',
  'navigator',
  'WebSocket',
  'EventSource',
  'setTimeout',
  'setInterval',
  'setImmediate',
]);

/** What `node:crypto` offers that is different at each call. */
const randomNames = /^(random.*|getRandomValues|generateKey.*|webcrypto|\*|default)$/;

const memberName = (node: Node | undefined): string | undefined => {
  if (node?.type !== 'MemberExpression') return undefined;
  if (node.property.type === 'Identifier' && !node.computed) return node.property.name;
  return node.property.type === 'Literal' ? String(node.property.value) : undefined;
};

/** `new Date(x)`, `Date.UTC`, `Date.parse` and `instanceof Date` ask no clock. */
const asksNoClock = (parent: Node | undefined): boolean => {
  if (parent?.type === 'NewExpression') return parent.arguments.length > 0;
  if (parent?.type === 'BinaryExpression') return parent.operator === 'instanceof';
  return ['UTC', 'parse'].includes(memberName(parent) ?? '');
};

const isImpure = ({ name, around: [parent] }: GlobalUse): boolean => {
  if (name === 'Date') return !asksNoClock(parent);
  if (name === 'Math') return (memberName(parent) ?? 'random') === 'random';
  if (name === 'crypto') return memberName(parent) !== 'subtle';
  return impure.has(name);
};

/** Every use of time, randomness, the process or the network in a layer that takes them as arguments. */
export const purityViolations = (tree: Tree): readonly string[] =>
  [...tree]
    .filter(([path]) => isPure(path))
    .flatMap(([path, text]) => {
      const { program, imports, lineOf } = parseSource(path, text);
      const globals = globalUses(program)
        .filter(isImpure)
        .map(
          ({ name, start }) =>
            `${path}:${lineOf(start)} uses the global ${name}: take it as an argument`,
        );
      const random = imports
        .filter(({ specifier }) => specifier === 'node:crypto' || specifier === 'crypto')
        .flatMap(({ names, line }) =>
          names
            .filter((name) => randomNames.test(name))
            .map(
              (name) =>
                `${path}:${line} imports ${name} of node:crypto: take randomness as an argument`,
            ),
        );
      return [...globals, ...random];
    });
