import { formatVerifierKey } from './tlog/verifier-key.ts';
import { addCheckpoint, type Witness } from './witness.ts';
import { answerText, refusals, type WitnessAnswer } from './witness-answer.ts';

/** A request as any server receives it. */
export type WitnessRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Undefined when it was longer than the server reads. */
  readonly body: Uint8Array | undefined;
};

/** The keys of a witness and of its logs, as people and policy files (C2SP tlog-policy) want them. */
const pageOf = ({ logs, signer }: Witness): string =>
  [
    'A witness of transparency logs (https://c2sp.org/tlog-witness).',
    'POST /add-checkpoint takes checkpoints of the logs below.',
    '',
    `witness ${signer.verifier.name} ${formatVerifierKey(signer.verifier)}`,
    ...logs.map((log) => `log ${formatVerifierKey(log)}`),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** The whole API of a witness. Throws a TypeError for keys of the wrong type. */
export const witnessService = (
  witness: Witness,
): ((request: WitnessRequest) => Promise<WitnessAnswer>) => {
  const add = addCheckpoint(witness);
  const page = answerText(pageOf(witness));
  return async ({ method, path, body }) => {
    if (method === 'POST' && path === '/add-checkpoint') {
      return body === undefined ? refusals.tooLarge : add(body);
    }
    return method === 'GET' && path === '/' ? page : refusals.noSuchAddress;
  };
};
