import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { loadPolicy } from '#functions/runtime/log/log-policy.ts';
import { awaitProof } from '#infra/local/await-proof.ts';
import { parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { type Policy } from '#shared/audit/tlog/policy.ts';
import type { AskResult } from '#shared/client/ask.ts';
import type { CheckedReceipt } from '#shared/client/check-reply.ts';
import type { CheckedProof } from '#shared/client/inquiry-proof.ts';
import { till } from './ask.ts';
import { type Question, serviceOf } from './questions.ts';
import type { Stage } from './stage.ts';

/** Why the log of a deployment cannot be tested; undefined where it can. */
export const missingLog = ({ world: { workshop, env } }: Stage): string | undefined => {
  if (workshop !== undefined) return undefined;
  if (process.env['ESTELAM_E2E_LOG'] !== 'runs') {
    return 'nothing keeps the log of this deployment (ESTELAM_E2E_LOG=runs says that something does)';
  }
  return env.LOG_VKEYS === undefined ? 'LOG_VKEYS does not name the keys of its log' : undefined;
};

/** Whom to believe about the log: by the world's own settings, not by what the exchange suggests. */
export const policyOf = ({ world }: Stage): Promise<Policy> => loadPolicy(world.env);

/** An inquiry that was asked, and its receipt. */
export type Asked = { readonly id: string; readonly receipt: CheckedReceipt };

/** Asks through the client, which checks the receipt. */
export const askFor = async (
  { world, persons }: Stage,
  question: Question = serviceOf('civil-registry').yes,
): Promise<Asked & { readonly result: AskResult }> => {
  const facts = { case: `1405/${crypto.randomUUID()}`, operator: `op-${crypto.randomUUID()}` };
  persons.note([facts, question.params, { ...question.subject }]);
  const result = await world.client(till).ask({
    ...question,
    ...facts,
    basis: 'civil-code-1.12',
    station: 'till-3',
    presence: 'in-person',
    seq: 1,
  });
  if (result.kind !== 'answered') throw new Error('It was not answered.', { cause: result });
  persons.note(result.answer?.fields ?? {});
  return { id: result.inqId, receipt: result.receipt, result };
};

/** Its proof, waited for as long as was promised. */
export const proofOf = async (stage: Stage, { id, receipt }: Asked): Promise<CheckedProof> => {
  const policy = await policyOf(stage);
  const client = stage.world.client(till);
  const proof = await awaitProof(client, id, { policy, receipt }, receipt.claims.mmd);
  if (proof === 'pending') throw new Error('The promised delay is over and there is no proof.');
  return proof;
};

/** The size that the published checkpoint names. */
export const publishedSize = async ({ wire }: Stage): Promise<number> => {
  const { status, text } = await wire.send('GET', '/log/0/checkpoint');
  expect(status).toBe(200);
  const note = parseNote(Buffer.from(text));
  return Number((note && parseCheckpoint(note.text))?.size ?? 0n);
};

/** Looks each second until the log has become larger than that. */
export const untilLarger = async (stage: Stage, size: number): Promise<number> => {
  for (;;) {
    const now = await publishedSize(stage);
    if (now > size) return now;
    await wait(1000);
  }
};
