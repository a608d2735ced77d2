import * as z from 'zod';
import { Decision } from '../message/claims.ts';
import { type Connection, jsonOf, NotReached, ReadRefused, send } from './read.ts';
import { readProblem } from './received-problem.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** How each check of a message came out (docs/checks.md), in the order in which they are made. */
const Diagnosis = z.looseObject({
  /**
   * `refused`, or what became of it: an outcome of an inquiry that stands, `open`, and for a message that
   * was only looked at `sent-on` or `stands`.
   */
  outcome: z.string(),
  /** The first check that failed, and the name of the refusal that it leads to. */
  check: z.string().optional(),
  problem: z.string().optional(),
  decision: Decision.optional(),
  inquiry: z.string().optional(),
  cause: z.string().optional(),
  checks: z.array(
    z.looseObject({
      code: z.string(),
      result: z.enum(['passed', 'failed', 'skipped']),
      detail: z.string().optional(),
      errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })).optional(),
    }),
  ),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

export const readDiagnosis = (json: unknown): Diagnosis => {
  const parsed = Diagnosis.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UntrustedReply('shape', 'This is not a diagnosis.');
};

/**
 * What a message would come to, without sending it in earnest. Throws {@link ReadRefused}, or
 * {@link NotReached}.
 */
export const diagnoseText = async (connection: Connection, text: string): Promise<Diagnosis> => {
  const got = await send(connection, 'POST', targetOf('diagnoseMessage', {}), {
    headers: { 'content-type': 'application/sd-jwt', accept: 'application/json' },
    body: text,
  });
  if (got.reply === undefined) throw new NotReached(got);
  const json = jsonOf(got.text);
  if (got.reply.status === 200) return readDiagnosis(json);
  throw new ReadRefused(readProblem(got.reply.status, json).problem, undefined);
};
