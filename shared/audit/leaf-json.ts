import type * as z from 'zod';
import { fromBase64Url } from '../kernel/bytes.ts';
import { Problem } from '../kernel/problem.ts';
import { type JsonValue, parseStrictJson } from '../kernel/strict-json.ts';

const newline = 0x0a;

/** Strict JSON; undefined for any other bytes. */
export const jsonIn = (bytes: Uint8Array | undefined): JsonValue | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/** What a compact JWS says; undefined where it does not have the form. Nothing is verified. */
export const payloadAs = <Said>(jws: string, schema: z.ZodType<Said>): Said | undefined =>
  schema.safeParse(jsonIn(fromBase64Url(jws.split('.')[1] ?? ''))).data;

/** The one line of a record that is a leaf by itself, as JSON; undefined for any other leaf. */
export const recordIn = (data: Uint8Array): JsonValue | undefined =>
  data.indexOf(newline) === data.length - 1 ? jsonIn(data.subarray(0, -1)) : undefined;
