import type { Node } from 'oxc-parser';

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** The nodes directly under a node, in the order of the text. */
export const childrenOf = (node: Node): readonly Node[] =>
  Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === 'parent' ? [] : [value].flat().filter(isNode),
  );

/** A node and every node under it. */
export const nodesOf = (node: Node): readonly Node[] => [
  node,
  ...childrenOf(node).flatMap(nodesOf),
];
