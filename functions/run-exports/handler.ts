import { loadExporting } from '../runtime/log/exporting.ts';
import { scheduled } from '../runtime/log/scheduled.ts';

export const handler = scheduled(loadExporting);
