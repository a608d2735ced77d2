import { describe, expect, it } from 'vitest';
import { misses } from '#shared/registry/directory.ts';
import { saltText } from '#tests/support/messages.ts';
import { requestFor, whileCounting } from '../ask.ts';
import { expectRecorded, rowCount } from '../evidence.ts';
import { nameOf } from '../refusal.ts';
import type { OnStage } from '../stage.ts';

/** A `kid` of the right shape that nobody has: 43 characters. */
const strangersKid = (): string => `${saltText()}${saltText().slice(0, 21)}`;

export const floodSuite = (onStage: OnStage): void => {
  describe('a flood of made-up keys', () => {
    it('costs the store a bounded number of reads, and known counters are served', async () => {
      const stage = onStage();
      const { workshop } = stage.world;
      // One post after another takes an emulated Lambda 25 ms, which its budget can bear.
      const [posts, atOnce] = workshop === undefined ? [120, 1] : [3000, 40];
      const honestToken = await requestFor(stage);
      await stage.wire.post(await requestFor(stage));
      const template = await requestFor(stage);
      const kids = Array.from({ length: posts }, strangersKid);
      const [, rest = ''] = /^[^.]*(\..*)$/.exec(template) ?? [];
      const tokens = kids.map((kid) => {
        const header = { alg: 'ES256', kid, typ: 'inq-request+sd-jwt' };
        return Buffer.from(JSON.stringify(header)).toString('base64url') + rest;
      });
      const rows = await rowCount(stage);
      const strangers = new Set(kids);
      let reads = 0;
      // Only what the made-up keys cost: those who are known read as well.
      const stopCounting = workshop?.proxy.breakCalls(({ operation, body }) => {
        const named = body.match(/[A-Za-z0-9_-]{43}/g) ?? [];
        if (operation === 'GetItem' && named.some((kid) => strangers.has(kid))) reads += 1;
        return 'pass';
      });
      const begun = performance.now();

      const names: string[] = [];
      const flood = async (lane: number): Promise<void> => {
        for (let at = lane; at < tokens.length; at += atOnce) {
          names.push(nameOf(await stage.wire.post(tokens[at] ?? '')));
        }
      };
      const lanes = Array.from({ length: atOnce }, (_, lane) => flood(lane));
      const { result: served, calls } = await whileCounting(stage, () =>
        stage.wire.post(honestToken),
      );
      await Promise.all(lanes);
      stopCounting?.();

      const seconds = (performance.now() - begun) / 1000;
      expect(served.status).toBe(200);
      expect(calls).toBe(1);
      await expectRecorded(stage, honestToken, served);
      expect(new Set(names).difference(new Set(['unknown-key', 'rate-limited'])).size).toBe(0);
      expect(names).toHaveLength(posts);
      expect(await rowCount(stage)).toBe(rows + 1);
      const budget = misses.burst + Math.ceil(seconds * misses.perSecond);
      expect(reads).toBeLessThanOrEqual(budget);
      expect(reads > 0).toBe(workshop !== undefined);
      expect(names.includes('rate-limited')).toBe(posts > budget);
    });

    it('leaves the exchange as it was', async () => {
      const stage = onStage();
      const text = await requestFor(stage);

      await expectRecorded(stage, text, await stage.wire.post(text));
    });
  });
};
