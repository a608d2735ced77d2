import * as z from 'zod';
import { type ProblemName, problems } from '../kernel/problem.ts';
import type { JsonValue } from '../kernel/strict-json.ts';

const Document = z.object({
  type: z.string().default('about:blank'),
  title: z.string().default(''),
  detail: z.string().default(''),
  instance: z.string().optional(),
  serverTime: z.string().optional(),
  /** Which check failed (docs/checks.md). */
  check: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
  current: z.int().min(0).optional(),
  receipt: z.string().optional(),
});

/** A refusal as it was received (RFC 9457). */
export type ReceivedProblem = Omit<z.infer<typeof Document>, 'receipt' | 'type'> & {
  /** The name in the error table; `other` when something in between said no. */
  readonly name: ProblemName | 'other';
  readonly status: number;
};

const isProblemName = (text: string): text is ProblemName => Object.hasOwn(problems, text);

/** Reads the body of a refusal; a body that is no problem document becomes the name `other`. */
export const readProblem = (
  status: number,
  json: JsonValue | undefined,
): { readonly problem: ReceivedProblem; readonly receipt: string | undefined } => {
  const parsed = Document.safeParse(json);
  const { type, receipt, ...rest } = parsed.success ? parsed.data : Document.parse({});
  const name = type.slice(type.lastIndexOf('/') + 1);
  return { problem: { ...rest, status, name: isProblemName(name) ? name : 'other' }, receipt };
};
