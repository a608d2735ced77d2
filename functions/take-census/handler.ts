import { loadCounting } from '../runtime/counting.ts';
import { invoked } from '../runtime/log/invoked.ts';

export const handler = invoked(loadCounting);
