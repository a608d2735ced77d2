import { clocked } from '../runtime/log/invoked.ts';
import { loadSettling } from '../runtime/settling.ts';

export const handler = clocked(loadSettling);
