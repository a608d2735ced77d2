import { loadErasing } from '../runtime/log/erasing.ts';
import { scheduled } from '../runtime/log/scheduled.ts';

export const handler = scheduled(loadErasing);
