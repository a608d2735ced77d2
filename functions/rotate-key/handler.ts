import { loadRotation } from '../runtime/keys/rotating.ts';
import { invoked } from '../runtime/log/invoked.ts';

export const handler = invoked(loadRotation);
