import type { receiverOf } from '#shared/inquiry/exchange.ts';
import type { ReconcilingParts } from '#shared/oversight/reconciliation/reconcile.ts';
import { loadAuditReading } from './audit-reading.ts';
import type { Env } from './env.ts';

/** What counters and agencies hold their own records against. */
export type Reconciling = ReconcilingParts & Parameters<typeof receiverOf>[0];

export const loadReconciling = (env: Env): Promise<Reconciling> => loadAuditReading(env);
