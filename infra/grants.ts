import type { FunctionName } from '../shared/api/routes.ts';

/** Kept short on purpose: no scan, no batch write, no delete, no transaction is ever needed. */
export type TableAction = 'GetItem' | 'PutItem' | 'Query';

export type Grant = {
  readonly journal: readonly TableAction[];
  readonly registry: readonly TableAction[];
};

/**
 * Who may touch which table, and how: the whole of it.
 *
 * `read-well-known` and `submit-inquiry` may put to the registry because the exchange's signing
 * key is made by whoever needs it first.
 */
export const grants = {
  'submit-inquiry': { journal: ['GetItem', 'PutItem', 'Query'], registry: ['GetItem', 'PutItem'] },
  'read-inquiry': { journal: ['Query'], registry: ['GetItem'] },
  'read-catalogue': { journal: [], registry: ['GetItem', 'Query'] },
  'read-audit': { journal: ['Query'], registry: ['GetItem'] },
  'read-well-known': { journal: [], registry: ['GetItem', 'PutItem', 'Query'] },
} as const satisfies Record<FunctionName, Grant>;
