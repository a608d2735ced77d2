import * as z from 'zod';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

/** A diagnosis as it travels. */
export const Diagnosis = z.looseObject({
  outcome: z.string(),
  check: z.string().optional(),
  problem: z.string().optional(),
  inquiry: z.string().optional(),
  decision: z.looseObject({ effect: z.string(), rule: z.string() }).optional(),
  checks: z.array(
    z.strictObject({
      code: z.string(),
      result: z.enum(['passed', 'failed', 'skipped']),
      detail: z.string().optional(),
      errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
    }),
  ),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

/** Sends a message to be looked at only. */
export const postDiagnose = ({ wire }: Stage, body: string | Uint8Array): Promise<Heard> =>
  wire.send('POST', '/v1/diagnose', { body, headers: { 'content-type': 'application/sd-jwt' } });

export const failedIn = ({ checks }: Diagnosis): readonly string[] =>
  checks.flatMap(({ code, result }) => (result === 'failed' ? [code] : []));
