import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { normal } from '#infra/local/agencies/behaviour.ts';
import { requestFor, whileCounting } from '../ask.ts';
import { askWell, whileBehaving } from '../behaving.ts';
import { expectRecorded } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage } from '../stage.ts';
import { onlyLocal } from '../workshop.ts';

/** Outages in a row after which an agency is left alone, and for how many milliseconds. */
const rule = { outages: 5, rest: 10_000 };

type Opened = { at: number };

/** An agency that keeps failing; gives the suite for later, when it has had its rest. */
export const breakerSuite = (onStage: OnStage): (() => void) => {
  const opened: Opened = { at: 0 };

  describe('an agency that keeps failing', () => {
    it('is left alone for a while, and others are not', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await whileBehaving(stage, 'education', 'disconnect', async () => {
        for (let outage = 0; outage < rule.outages; outage += 1) {
          expect(await askWell(stage, 'education')).toBe(503);
        }
      });
      opened.at = Date.now();
      expect(stage.world.agency('education').behaviour()).toBe(normal);

      const text = await requestFor(stage, { question: serviceOf('education').yes });
      const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));

      expectRefused(result, 'agency-unavailable');
      expect(calls).toBe(0);
      const { answered } = await expectRecorded(stage, text, result);
      expect(answered).toMatchObject({ out: 'SOURCE_UNAVAILABLE', http: 0 });
      expect(await askWell(stage, 'police')).toBe(200);
      expect(await askWell(stage, 'civil-registry')).toBe(200);
    });
  });

  return () => restedSuite(onStage, opened);
};

const restedSuite = (onStage: OnStage, opened: Opened): void => {
  describe('an agency that has rested', () => {
    it('is asked again', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      // The rule itself: an agency rests for ten seconds.
      await wait(Math.max(0, opened.at + rule.rest - Date.now() + 1));

      const text = await requestFor(stage, { question: serviceOf('education').yes });
      const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));

      expect(result.status).toBe(200);
      expect(calls).toBe(1);
      await expectRecorded(stage, text, result);
    });
  });
};
