import { describe, expect, it } from 'vitest';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { receiptOf } from '#tests/support/exchange.ts';
import { leafOf, recordsOf } from '../evidence.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Release } from '../wire.ts';

/** Reads of the journal at once. */
const atOnce = 32;

/** In what a release differs from what stands in the journal now; nothing when it does not. */
const differences = async (
  stage: Stage,
  { receipt, answer }: Release,
): Promise<readonly string[]> => {
  const told = receiptOf(receipt);
  const { intent = '', outcome = '' } = await recordsOf(stage, told.inq_id);
  if (outcome === '') return ['no outcome stands'];
  const { out, res, withheld } = InquiryAnswered.parse(JSON.parse(outcome));
  const checks = {
    leaf: told.leaf === leafOf(intent, outcome),
    outcome: told.outcome === out,
    withheld: (told.withheld ?? []).join(',') === (withheld ?? ''),
    answer: told.answer_s256 === (res === undefined ? undefined : sha256Url(res)),
    released: answer === undefined || answer.split('~', 1)[0] === res,
  };
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]));
};

export const releasedSuite = (onStage: OnStage): void => {
  describe('all that was released in this run', () => {
    it('stands in the journal as it was told: nothing was changed, nothing is missing', async () => {
      const stage = onStage();
      const releases = stage.wire.releases();
      const wrong: string[] = [];
      for (let at = 0; at < releases.length; at += atOnce) {
        const some = releases.slice(at, at + atOnce);
        const found = await Promise.all(some.map((release) => differences(stage, release)));
        wrong.push(...found.flat());
      }

      expect(wrong).toEqual([]);
      expect(releases.length).toBeGreaterThan(500);
    });

    it('was released once for each inquiry, whatever was asked again', () => {
      const facts = Map.groupBy(
        onStage().wire.releases(),
        ({ receipt }) => receiptOf(receipt).inq_id,
      );

      for (const releases of facts.values()) {
        expect(new Set(releases.map(({ receipt }) => receiptOf(receipt).leaf)).size).toBe(1);
        const answers = releases.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
        expect(new Set(answers).size).toBeLessThanOrEqual(1);
      }
    });
  });
};
