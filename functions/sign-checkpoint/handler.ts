import { invoked } from '../runtime/log/invoked.ts';
import { loadSigning } from '../runtime/log/sign-invoked.ts';

export const handler = invoked(loadSigning);
