import { loadIndexing } from '../runtime/log/indexing.ts';
import { scheduled } from '../runtime/log/scheduled.ts';

export const handler = scheduled(loadIndexing);
