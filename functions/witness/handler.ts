import { witnessLambda } from '../runtime/witness/lambda.ts';

/** A witness of logs: of the exchange's own in another account, or of anybody's. */
export const handler = witnessLambda();
