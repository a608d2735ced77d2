import type * as z from 'zod';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { pointersOf } from '../message/parse-claims.ts';

/** `/order` as `order`, and the whole as `the body`. */
const named = (pointer: string): string => (pointer === '' ? 'the body' : pointer.slice(1));

/**
 * Parses what was posted by a strict schema; the problem `invalid-body` says where it does not fit, and
 * nothing of what stands there.
 */
export const parseBody = <Body>(schema: z.ZodType<Body>, json: JsonObject): Body => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const errors = pointersOf(parsed.error);
  const places = [...new Set(errors.map(({ pointer }) => named(pointer)))].join(', ');
  const said = `These are missing, surplus or of the wrong form: ${places}.`;
  throw new Problem('invalid-body', said, { errors });
};
