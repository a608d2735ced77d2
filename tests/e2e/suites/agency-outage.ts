import { describe, expect, it } from 'vitest';
import type { Outcome } from '#events/outcome.ts';
import type { BehaviourName } from '#infra/local/agencies/behaviour.ts';
import type { AgencyName } from '#infra/local/seed/agencies.ts';
import type { ProblemName } from '#shared/kernel/problem.ts';
import { requestFor, whileCounting } from '../ask.ts';
import { askWell, whileBehaving } from '../behaving.ts';
import { expectRecorded } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage } from '../stage.ts';

type Outage = {
  readonly name: BehaviourName;
  readonly agency: AgencyName;
  readonly problem: ProblemName;
  readonly outcome: Outcome;
  /** What the record says of the agency's HTTP status. */
  readonly http: number;
  /** How often the agency took the question. */
  readonly calls: number;
};

const unavailable = { problem: 'agency-unavailable', outcome: 'SOURCE_UNAVAILABLE' } as const;
const late = { problem: 'agency-timeout', outcome: 'TIMEOUT', http: 0, calls: 1 } as const;

const outages: readonly Outage[] = [
  { name: 'down', agency: 'pension', ...unavailable, http: 0, calls: 0 },
  { name: 'unavailable', agency: 'pension', ...unavailable, http: 503, calls: 1 },
  { name: 'http-500', agency: 'pension', ...unavailable, http: 500, calls: 1 },
  { name: 'disconnect', agency: 'pension', ...unavailable, http: 0, calls: 1 },
  { name: 'hang', agency: 'pension', ...late },
  { name: 'drip', agency: 'telecom', ...late },
];

export const agencyOutageSuite = (onStage: OnStage): void => {
  describe('an agency that fails', () => {
    it.each(outages)(
      'is told as $problem, never as "no": $name',
      async ({ name, agency, problem, outcome, http, calls }) => {
        const stage = onStage();
        const text = await requestFor(stage, { question: serviceOf(agency).yes });

        const counted = await whileCounting(stage, () =>
          whileBehaving(stage, agency, name, () => stage.wire.post(text), { ms: 200 }),
        );

        expectRefused(counted.result, problem);
        expect(counted.result.json).not.toHaveProperty('answer');
        expect(counted.calls).toBe(calls);
        const { answered } = await expectRecorded(stage, text, counted.result);
        expect(answered).toMatchObject({ out: outcome, http });
        expect(await askWell(stage, agency)).toBe(200);
      },
    );

    it('does not keep others from their answers', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: serviceOf('police').yes });

      const [, others] = await whileBehaving(
        stage,
        'pension',
        'down',
        async () => [await askWell(stage, 'pension'), await stage.wire.post(text)] as const,
      );

      expect(others.status).toBe(200);
      await expectRecorded(stage, text, others);
      expect(await askWell(stage, 'pension')).toBe(200);
    });
  });
};
