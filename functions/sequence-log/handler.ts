import { scheduled } from '../runtime/log/scheduled.ts';
import { loadSequencing } from '../runtime/log/sequencing.ts';

export const handler = scheduled(loadSequencing);
