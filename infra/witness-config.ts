import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { count, environmentName, logLevel, logRetention } from './config.ts';
import { readContext } from './context.ts';

/** A verifier key (C2SP signed-note); the function that is given it reads it in full. */
const verifierKey = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;

/** What tells one witness from another. Each key is a CDK context key: `-c witnessName=…`. */
export const WitnessSettings = z.strictObject({
  /** Names the stack, so that several witnesses can share an account. */
  environment: environmentName.default('dev'),
  /** The name it signs under: a host and a path of its own, without a scheme. */
  witnessName: z
    .string()
    .regex(/^[a-z0-9.-]+\.[a-z0-9-]+(\/[A-Za-z0-9._~-]+)*$/, 'is for example witness.example/w'),
  /** The verifier keys of the logs that it watches, with white space between them. */
  witnessLogs: z
    .string()
    .max(2_000)
    .refine((text) => {
      const keys = text.split(/\s+/).filter((word) => word !== '');
      return keys.length > 0 && keys.every((key) => verifierKey.test(key));
    }, 'holds verifier keys: <name>+<id>+<base64>'),
  logRetentionDays: logRetention,
  /** Requests a second, and the burst above it, that the API lets through. */
  throttlingRate: count(1, 10_000).default(20),
  throttlingBurst: count(1, 10_000).default(40),
  logLevel,
});
export type WitnessSettings = z.infer<typeof WitnessSettings>;

/** Reads the settings from the CDK context of `scope`; throws a message that names the key at fault. */
export const readWitnessSettings = (scope: IConstruct): WitnessSettings =>
  readContext(scope, WitnessSettings, 'infra/witness-config.ts');
