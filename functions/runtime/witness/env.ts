import * as z from 'zod';
import {
  parseVerifierKey,
  type VerifierKey,
  VerifierKeyInvalid,
} from '#shared/audit/tlog/verifier-key.ts';
import { awsVariables, noteKeyVariables, parseEnv } from '../env.ts';

/** Verifier keys (C2SP signed-note) with white space between them. */
const Logs = z.string().transform((text, context): readonly VerifierKey[] => {
  try {
    return text.split(/\s+/).filter(Boolean).map(parseVerifierKey);
  } catch (error) {
    if (!(error instanceof VerifierKeyInvalid)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
});

const WitnessEnvironment = z.object({
  /** The name that it signs under, for example `witness.example/w`. */
  WITNESS_NAME: z.string().min(1),
  /** The keys of the logs that it watches. */
  WITNESS_LOGS: Logs.refine((logs) => logs.length > 0, 'names no log'),
  /** Where it remembers the last tree of each. */
  WITNESS_TABLE: z.string().min(1),
  ...noteKeyVariables,
  ...awsVariables,
});

/** The settings of a witness, read once. */
export type WitnessEnv = z.infer<typeof WitnessEnvironment>;

/** Throws with the names of what is wrong, never with their values. */
export const readWitnessEnv = (
  variables?: Readonly<Record<string, string | undefined>>,
): WitnessEnv => parseEnv(WitnessEnvironment, variables);
