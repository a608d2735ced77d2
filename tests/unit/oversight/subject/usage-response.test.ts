import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { parseOwnQuery } from '#shared/oversight/subject/own-query.ts';
import { namedUsageWords, outcomeWords } from '#shared/oversight/subject/plain-words.ts';
import { readOwn } from '#shared/oversight/subject/read-own.ts';
import { sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { requestFactsExample, withInquiry } from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import {
  confidentially,
  isoOf,
  mina,
  omid,
  onOrder,
  type PersonStage,
  setStage,
} from './person-stage.ts';

/** FindUsageResponse of dumonitor-openapi.yaml 2.1.0, written down from it once more. */
const FindUsageResponse = z.strictObject({
  totalUsages: z.int().min(0),
  usages: z.array(
    z.strictObject({
      logtime: z.iso.datetime(),
      action: z.string().min(1),
      receiverCode: z.string().min(1),
      receiverName: z.string().optional(),
      receiverSystem: z.string().optional(),
    }),
  ),
});

const find = async (
  { reading }: PersonStage,
  parameters: Readonly<Record<string, string>> = {},
  person = mina,
) =>
  FindUsageResponse.parse(
    await readOwn(reading)(person, parseOwnQuery({ format: 'findUsage', ...parameters }), 'en'),
  );

describe('what a data tracker is told', () => {
  it('is each inquiry as a use of data by the office that asked', async () => {
    const stage = await setStage();
    const id = await stage.askAbout(mina);
    await stage.askAbout(omid);
    await stage.publish();
    expect(await find(stage)).toEqual({
      totalUsages: 1,
      usages: [
        {
          logtime: isoOf(id),
          action: `Identity: Enrolment for a pension. ${outcomeWords.FOUND.en}`,
          receiverCode: 'counter:72110345',
          receiverName: 'Counter',
        },
      ],
    });
  });

  it('does not say of whom the params name what came of the inquiry about another', async () => {
    const input = objectOf({ owner: formatted('ir-national-id') });
    const service = serviceWith({ ref: 'civil-registry/vehicle@1', input });
    const stage = await setStage({ registry: [...sampleEntries(await testKeys()), service] });
    const facts = { ...requestFactsExample, subject: { ...mina }, params: { owner: omid.value } };
    const claims = withInquiry({ service: 'civil-registry/vehicle@1' });
    await stage.askAbout(mina, { facts, claims });
    await stage.publish();
    const actionOf = async (person = mina) => (await find(stage, {}, person)).usages[0]?.action;
    expect(await actionOf()).toContain(outcomeWords.FOUND.en);
    expect(await actionOf(omid)).toContain(namedUsageWords.en);
    expect(await actionOf(omid)).not.toContain(outcomeWords.FOUND.en);
  });

  it('is the newest first, in parts, with the number of all', async () => {
    const stage = await setStage();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(isoOf(await stage.askAbout(mina)));
    await stage.publish();
    const parts = [
      await find(stage, { limit: '2' }),
      await find(stage, { limit: '2', offset: '2' }),
      await find(stage, { limit: '2', offset: '4' }),
      await find(stage, { limit: '2', offset: '6' }),
    ];
    expect(parts.flatMap(({ usages }) => usages.map(({ logtime }) => logtime))).toEqual(
      ids.toReversed(),
    );
    expect(parts.map(({ totalUsages }) => totalUsages)).toEqual([5, 5, 5, 5]);
  });

  it('is of the time that is asked for', async () => {
    const stage = await setStage();
    const [, second, third] = [
      await stage.askAbout(mina),
      await stage.askAbout(mina),
      await stage.askAbout(mina),
    ];
    await stage.publish();
    const period = { periodStart: isoOf(second), periodEnd: isoOf(third) };
    expect(await find(stage, period)).toMatchObject({
      totalUsages: 1,
      usages: [{ logtime: isoOf(second) }],
    });
  });

  it('counts nothing that the person is not to know yet', async () => {
    const stage = await setStage(await confidentially());
    await stage.askAbout(mina, onOrder);
    const plain = await stage.askAbout(mina);
    await stage.publish();
    expect(await find(stage)).toMatchObject({
      totalUsages: 1,
      usages: [{ logtime: isoOf(plain) }],
    });
    stage.clock.advance(31 * 86_400_000);
    expect(await find(stage)).toMatchObject({ totalUsages: 2 });
  });

  it('is nothing before there is a log, and nothing of a person nobody asked about', async () => {
    const stage = await setStage();
    expect(await find(stage)).toEqual({ totalUsages: 0, usages: [] });
    await stage.askAbout(mina);
    await stage.publish();
    expect(await find(stage, {}, omid)).toEqual({ totalUsages: 0, usages: [] });
  });
});
