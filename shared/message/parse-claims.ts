import type * as z from 'zod';
import { Problem, type ProblemPointer } from '../kernel/problem.ts';
import type { JsonValue } from '../kernel/strict-json.ts';

const escapeToken = (part: PropertyKey): string =>
  String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** What would be right, in words that hold nothing of the input. */
const wanted = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected}`;
    case 'unrecognized_keys':
      return 'holds a member that is not part of this kind of message';
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'invalid_format':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return 'does not have the form that the protocol gives it';
  }
};

/** A JSON Pointer to where a schema was broken; a name the sender chose is left out. */
const pointer = (issue: z.core.$ZodIssue, at: string): ProblemPointer => {
  const path = issue.code === 'invalid_key' ? issue.path.slice(0, -1) : issue.path;
  const below = path.map((part) => `/${escapeToken(part)}`).join('');
  return { pointer: `${at}${below}`, detail: wanted(issue) };
};

/** Where a schema was broken, as pointers below `at`, and what would be right there. */
export const pointersOf = ({ issues }: z.ZodError, at = ''): readonly ProblemPointer[] =>
  issues.map((issue) => pointer(issue, at));

/**
 * Parses strict JSON by a schema; the problem `invalid-claims` says where it does not fit, as pointers
 * below `at`.
 */
export const parseClaims = <Claims>(
  schema: z.ZodType<Claims>,
  json: JsonValue,
  at = '',
): Claims => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-claims', 'Members are missing, surplus or of the wrong form.', {
    errors: pointersOf(parsed.error, at),
  });
};
