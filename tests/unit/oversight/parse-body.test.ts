import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { Order } from '#shared/oversight/order.ts';
import { parseBody } from '#shared/oversight/parse-body.ts';

const Body = z.strictObject({ order: Order, limit: z.int().min(1).max(9).default(5) });

const refusalOf = (json: JsonObject): Problem => {
  try {
    parseBody(Body, json);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('It was taken.');
};

describe('a body that was posted', () => {
  it('is taken with an order number in the digits of any script', () => {
    expect(parseBody(Body, { order: ' court-۱۲/۰۵-778 ' })).toEqual({
      order: 'court-12/05-778',
      limit: 5,
    });
  });

  it.each([
    [{}, '/order', 'order'],
    [{ order: '' }, '/order', 'order'],
    [{ order: '049-937-0899' }, '/order', 'order'],
    [{ order: '۰۴۹۹۳۷۰۸۹۹' }, '/order', 'order'],
    [{ order: 'x', limit: 10 }, '/limit', 'limit'],
    [{ order: 'x', ' 0499370899': 1 }, '', 'the body'],
  ])('%o is refused, and it is said where it is wrong', (json, pointer, place) => {
    const { name, detail, extras, status } = refusalOf(json);
    expect([name, status]).toEqual(['invalid-body', 422]);
    expect(extras.errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(detail).toBe(`These are missing, surplus or of the wrong form: ${place}.`);
    expect(JSON.stringify(extras)).not.toContain('0499');
  });
});
