import { publishOrWitness } from '../runtime/log/publish-invoked.ts';

export const handler = publishOrWitness();
