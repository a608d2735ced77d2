import { clocked } from '../runtime/log/invoked.ts';
import { loadOpenDataPublishing } from '../runtime/open-data.ts';

export const handler = clocked(loadOpenDataPublishing);
