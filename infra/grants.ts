import type { FunctionName } from '../shared/api/routes.ts';

/** Kept short on purpose: no scan, no batch write, no delete, no transaction is ever needed. */
export type TableAction = 'BatchGetItem' | 'GetItem' | 'PutItem' | 'Query' | 'UpdateItem';

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
  'submit-inquiry': {
    journal: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
    registry: ['BatchGetItem', 'GetItem', 'PutItem', 'Query'],
  },
  'read-inquiry': {
    journal: ['GetItem', 'Query'],
    registry: ['BatchGetItem', 'GetItem', 'Query'],
  },
  'read-catalogue': {
    journal: [],
    registry: ['BatchGetItem', 'GetItem', 'Query'],
  },
  'read-audit': {
    journal: ['GetItem', 'Query'],
    registry: ['BatchGetItem', 'GetItem', 'Query'],
  },
  'read-well-known': {
    journal: [],
    registry: ['GetItem', 'PutItem', 'Query'],
  },
} as const satisfies Record<FunctionName, Grant>;
