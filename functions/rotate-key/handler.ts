import { loadRotation } from '../runtime/keys/rotating.ts';
import { clocked } from '../runtime/log/invoked.ts';

export const handler = clocked(loadRotation);
