import { describe, expect, it } from 'vitest';
import { expectHolds, neverMet } from './holds.ts';

/** Every call of a sequencer that changes something, or that it decides by. */
const calls = [
  'put object',
  'put staged',
  'get staged',
  'replace object',
  'swap head',
  'swap signed',
  'read head',
  'list',
  'periods',
  'sign',
  'putIntent',
  'putOutcome',
  'putRecord',
];

const troubles = ['lost', 'unacknowledged', 'crash before', 'crash after', 'asleep'];

describe('sequencers and requests that crash, sleep and lose answers at any call', () => {
  it.each([40, 90, 250])(
    'keep every rule of the log (each trouble once in %i calls)',
    async (trouble) => {
      const ran = await expectHolds(`crashes, 1 in ${trouble}`, { trouble, skew: 0 }, 280);
      expect(neverMet(ran, ['overtaken', 'late', 'zombie', 'closed by a retry'])).toEqual([]);
      expect(neverMet(ran, [...calls, ...troubles])).toEqual([]);
    },
    300_000,
  );
});
