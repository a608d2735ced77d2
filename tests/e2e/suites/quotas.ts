import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AgencyName } from '#infra/local/seed/agencies.ts';
import { readLimits } from '#shared/api/limit-fields.ts';
import { readAs } from '../access.ts';
import { idOf, otherTill, requestFor, retryOf, whileCounting } from '../ask.ts';
import { sendCommand } from '../commands.ts';
import { expectNothingUnder, expectRecorded } from '../evidence.ts';
import { type ServiceExample, serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';
import { onlyLocal, whileCallsBreak, workshopOf } from '../workshop.ts';

/** A fresh process of the exchange: it has not read the registry yet, so a new limit holds at once. */
type Process = ReturnType<Stage['wire']['to']>;

const Grants = z.looseObject({ grants: z.array(z.looseObject({ version: z.int() })) });

/** The version of what an agency decided about the counter; 0 where it decided nothing. */
const versionOf = async (stage: Stage, agency: string): Promise<number> => {
  const query = new URLSearchParams({ agency, holder: otherTill }).toString();
  const { json } = await readAs(stage, agency, `/v1/grants?${query}`);
  return Grants.parse(json).grants[0]?.version ?? 0;
};

const nameOf = ({ yes }: ServiceExample): string => yes.service.replace(/^.*\/|@.*$/g, '');

const decide = async (
  stage: Stage,
  agency: string,
  command: 'limit.set' | 'limit.lift',
  content: Readonly<Record<string, string | boolean | { readonly perDay: number }>>,
): Promise<void> => {
  const on = await versionOf(stage, agency);
  const said = { do: command, on, with: { holder: otherTill, ...content } };
  expect((await sendCommand(stage, agency, said)).status).toBe(201);
};

/** Does some work in so many fresh processes while an agency limits the counter to so much a day. */
const underQuota = async (
  stage: Stage,
  { name, perDay, processes }: { readonly name: AgencyName; perDay: number; processes: number },
  work: (processes: readonly Process[]) => Promise<void>,
): Promise<void> => {
  const agency = `agency:${name}`;
  const target = nameOf(serviceOf(name));
  const reason = 'The office is being inspected.';
  const terms = { target, stopped: false, quota: { perDay }, reason };
  await decide(stage, agency, 'limit.set', terms);
  await using started = new AsyncDisposableStack();
  started.defer(() => decide(stage, agency, 'limit.lift', { target, reason }));
  const wires: Process[] = [];
  for (let n = 0; n < processes; n += 1) {
    const another = await workshopOf(stage).startAnother();
    started.defer(another.stop);
    wires.push(stage.wire.to(another.url));
  }
  await work(wires);
};

const requestTo = (stage: Stage, name: AgencyName): Promise<string> =>
  requestFor(stage, { question: serviceOf(name).yes, key: stage.world.keyOf(otherTill) });

const leftIn = ({ header }: Heard): number | undefined =>
  readLimits((field) => header(field) ?? null).find(({ name }) => name === 'limit-own-day')?.left;

const Usage = z.looseObject({
  meters: z.array(z.looseObject({ name: z.string(), used: z.int(), left: z.int() })),
});

/** What the counter itself and the agency read of the use of a quota. */
const usageOf = async (stage: Stage, name: AgencyName): Promise<readonly unknown[]> => {
  const { service } = serviceOf(name).yes;
  const own = `/v1/usage?${new URLSearchParams({ service }).toString()}`;
  const named = `/v1/usage?${new URLSearchParams({ service, counter: otherTill }).toString()}`;
  const heard = [await readAs(stage, otherTill, own), await readAs(stage, `agency:${name}`, named)];
  return heard.map(({ json }) =>
    Usage.parse(json).meters.map((meter) => [meter.name, meter.used, meter.left]),
  );
};

export const quotasSuite = (onStage: OnStage): void => {
  describe('a quota', { timeout: 60_000 }, () => {
    it('is told with each answer, and ends with 429 until tomorrow; a retry costs nothing', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await underQuota(stage, { name: 'education', perDay: 2, processes: 1 }, async ([wire]) => {
        if (wire === undefined) throw new Error('There is no process.');
        const text = await requestTo(stage, 'education');
        const first = await wire.post(text);
        expect([first.status, leftIn(first)]).toEqual([200, 1]);
        expect(first.header('ratelimit-policy')).toBe('"limit-own-day";q=2;w=86400');

        const key = stage.world.keyOf(otherTill);
        const retry = await wire.post(await retryOf(stage, text, { key }));
        expect([retry.status, leftIn(retry)]).toEqual([200, undefined]);

        const second = await wire.post(await requestTo(stage, 'education'));
        expect([second.status, leftIn(second)]).toEqual([200, 0]);

        const third = await requestTo(stage, 'education');
        const { result, calls } = await whileCounting(stage, () => wire.post(third));
        expectRefused(result, 'rate-limited');
        expect(Number(result.header('retry-after'))).toBeLessThanOrEqual(86_400);
        expect(calls).toBe(0);
        await expectNothingUnder(stage, idOf(third));

        const late = await wire.post(await retryOf(stage, text, { key }));
        await expectRecorded(stage, text, late);
        expect(late.status).toBe(200);
      });
    });

    it('is one for all processes, and its use is read by the counter and by the agency', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await underQuota(stage, { name: 'pension', perDay: 4, processes: 2 }, async (processes) => {
        const statuses: number[] = [];
        for (let n = 0; n < 3; n += 1) {
          for (const wire of processes) {
            statuses.push((await wire.post(await requestTo(stage, 'pension'))).status);
          }
        }
        expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
        const used = [['limit-own-day', 4, 0]];
        expect(await usageOf(stage, 'pension')).toEqual([used, used]);
        const { service } = serviceOf('pension').yes;
        const target = `/v1/usage?${new URLSearchParams({ service }).toString()}`;
        const other = await readAs(stage, 'agency:police', target);
        expectRefused(other, 'not-found');
      });
    });

    it('that cannot be counted lets nothing through', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const name = 'social-security';
      await underQuota(stage, { name, perDay: 9, processes: 1 }, async ([wire]) => {
        if (wire === undefined) throw new Error('There is no process.');
        const text = await requestTo(stage, name);
        const { result, calls } = await whileCounting(stage, () =>
          whileCallsBreak(
            stage,
            ({ operation }) => (operation === 'UpdateItem' ? 'refuse' : 'pass'),
            () => wire.post(text),
          ),
        );
        expectRefused(result, 'store-unavailable');
        expect(calls).toBe(0);
        await expectNothingUnder(stage, idOf(text));
        expect(leftIn(await wire.post(text))).toBe(8);
      });
    });
  });
};
