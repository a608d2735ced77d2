/** A matcher that backtracks as ECMA-262 §22.2.2 says, and counts its steps: the cost without a clock. */

/** A pattern over a small alphabet, as the tests write it; `most` may be Infinity. */
export type Node =
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly part: Node;
      readonly least: number;
      readonly most: number;
    };

export type Whole = { readonly node: Node; readonly fromStart: boolean; readonly toEnd: boolean };

const counts = (least: number, most: number): string => {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? '*' : `{${least},}`;
  return least === most ? `{${least}}` : `{${least},${most}}`;
};

const sourceOf = (node: Node): string => {
  switch (node.kind) {
    case 'character':
      return node.text;
    case 'sequence':
      return node.parts.map(sourceOf).join('');
    case 'choice':
      return `(?:${node.parts.map(sourceOf).join('|')})`;
    case 'repeat': {
      const { kind } = node.part;
      const part = sourceOf(node.part);
      const isOne = kind === 'character' || kind === 'choice';
      return `${isOne ? part : `(${part})`}${counts(node.least, node.most)}`;
    }
  }
};

/** As the pattern of a schema. */
export const patternText = ({ node, fromStart, toEnd }: Whole): string =>
  `${fromStart ? '^' : ''}${sourceOf(node)}${toEnd ? '$' : ''}`;

type Step =
  | { readonly kind: 'take'; readonly one: RegExp; readonly next: number }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  | { readonly kind: 'end' };

/** Steps by their places; the last put is where a match begins, 0 where it ends. */
const compile = (root: Node): { readonly steps: readonly Step[]; readonly start: number } => {
  const steps: Step[] = [{ kind: 'end' }];
  const put = (step: Step): number => steps.push(step) - 1;
  const repeat = (part: Node, least: number, most: number, next: number): number => {
    let after = next;
    if (most === Number.POSITIVE_INFINITY) {
      after = put({ kind: 'end' });
      steps[after] = { kind: 'fork', first: link(part, after), second: next };
    } else {
      for (let left = least; left < most; left += 1) {
        after = put({ kind: 'fork', first: link(part, after), second: next });
      }
    }
    for (let left = 0; left < least; left += 1) after = link(part, after);
    return after;
  };
  const link = (node: Node, next: number): number => {
    switch (node.kind) {
      case 'character':
        return put({ kind: 'take', one: new RegExp(`^${node.text}$`, 'u'), next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => link(part, after), next);
      case 'choice':
        return node.parts
          .map((part) => link(part, next))
          .reduceRight((second, first) => put({ kind: 'fork', first, second }));
      case 'repeat':
        return repeat(node.part, node.least, node.most, next);
    }
  };
  const start = link(root, 0);
  return { steps, start };
};

export type Run = {
  readonly matches: boolean;
  readonly steps: number;
  /** Steps that the pattern is made of. */
  readonly size: number;
};

/** Matches a text; gives up, as not matching, behind `most` steps. No part that repeats may be empty. */
export const backtrack = ({ node, fromStart, toEnd }: Whole, text: string, most: number): Run => {
  const { steps, start } = compile(node);
  const size = steps.length;
  let taken = 0;
  for (let from = 0; from <= (fromStart ? 0 : text.length); from += 1) {
    const open = [{ place: start, at: from }];
    for (let way = open.pop(); way !== undefined; way = open.pop()) {
      const { at } = way;
      const step = steps[way.place];
      taken += 1;
      if (taken > most || step === undefined) return { matches: false, steps: taken, size };
      if (step.kind === 'end') {
        if (!toEnd || at === text.length) return { matches: true, steps: taken, size };
      } else if (step.kind === 'fork') {
        open.push({ place: step.second, at }, { place: step.first, at });
      } else if (step.one.test(text.charAt(at))) {
        open.push({ place: step.next, at: at + 1 });
      }
    }
  }
  return { matches: false, steps: taken, size };
};
