import { loadCounting } from '../runtime/counting.ts';
import { clocked } from '../runtime/log/invoked.ts';

export const handler = clocked(loadCounting);
