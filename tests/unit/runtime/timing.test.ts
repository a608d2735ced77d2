import { describe, expect, it } from 'vitest';
import { startTiming } from '#functions/runtime/timing.ts';

/** `name;dur=number`, separated by commas; a name is a token (W3C Server Timing §3, RFC 9110 §5.6.2). */
const field = /^(?:[\w!#$%&'*+.^`|~-]+;dur=[0-9]+\.[0-9]{2}(?:, |$))+$/;

const namesIn = (text: string): readonly string[] =>
  text.split(', ').map((metric) => metric.split(';', 1)[0] ?? '');

describe('startTiming', () => {
  it('tells the total when there was no step', () => {
    const text = startTiming().field();
    expect(text).toMatch(field);
    expect(namesIn(text)).toEqual(['total']);
  });

  it('tells each step in the order in which they ended, and hands its result back', async () => {
    const { timed, field: told } = startTiming();
    const slow = Promise.withResolvers<string>();
    const first = timed('agency', () => slow.promise);
    expect(await timed('intent', () => Promise.resolve(7))).toBe(7);
    slow.resolve('answered');
    expect(await first).toBe('answered');
    expect(told()).toMatch(field);
    expect(namesIn(told())).toEqual(['intent', 'agency', 'total']);
  });

  it('tells a step that failed too, and lets it fail', async () => {
    const { timed, field: told } = startTiming();
    const failed = new Error('the step failed');
    await expect(timed('verify', () => Promise.reject(failed))).rejects.toBe(failed);
    expect(namesIn(told())).toEqual(['verify', 'total']);
  });

  it('counts up', () => {
    const { elapsed } = startTiming();
    const before = elapsed();
    expect(before).toBeGreaterThanOrEqual(0);
    expect(elapsed()).toBeGreaterThanOrEqual(before);
  });
});
