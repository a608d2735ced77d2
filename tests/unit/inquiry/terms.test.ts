import { describe, expect, it } from 'vitest';
import type { Access, Limit } from '#shared/registry/access.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import { change } from '#tests/support/changes.ts';
import {
  disclosedIn,
  factsOfReceipt,
  identityFacts,
  makeExchange,
  payloadOf,
  receiptOf,
  sampleEntries,
  testKeys,
} from '#tests/support/exchange.ts';
import { withMembers } from '#tests/support/messages.ts';

/** An exchange whose registry holds these decisions of the agency as well. */
const exchangeWith = async (...decisions: readonly Access[]) =>
  makeExchange({ registry: [...sampleEntries(await testKeys()), ...decisions] });

const limited = (limit: Partial<Limit>): Access => accessOf({ limits: [limitOf(limit)] });

const releasedFacts = withMembers({ fatherName: undefined })(identityFacts);

describe('an inquiry under terms of the agency', () => {
  it('is answered under a grant, and its receipt says so', async () => {
    const { submit, request } = await exchangeWith(narrowed(), accessOf({ grants: [grantOf()] }));
    const { answer = '', receipt } = await submit(await request());
    expect(disclosedIn(answer)).toEqual(releasedFacts);
    expect(receiptOf(receipt).decision).toMatchObject({ effect: 'allow', rule: 'granted' });
  });

  it('is denied without a grant, and the agency hears nothing of it', async () => {
    const { submit, request, agencies } = await exchangeWith(narrowed());
    const { answer, problem, receipt } = await submit(await request());
    expect(answer).toBeUndefined();
    expect(problem?.name).toBe('policy-denied');
    expect(receiptOf(receipt).decision).toMatchObject({ effect: 'deny', rule: 'grant-missing' });
    expect(agencies.calls).toEqual([]);
  });

  it('tells the agency what may be disclosed, and withholds what it says beyond that', async () => {
    const { submit, request, agencies } = await exchangeWith(limited({ fields: ['lastName'] }));
    const { answer = '', receipt } = await submit(await request());
    expect(payloadOf(agencies.calls[0]?.token ?? '')).toMatchObject({
      level: 'read',
      fields: ['lastName'],
    });
    expect(disclosedIn(answer)).toEqual({ lastName: identityFacts.lastName });
    expect(receiptOf(receipt).withheld?.toSorted()).toEqual([
      'fatherName',
      'firstName',
      'lifeStatus',
    ]);
  });

  it('is answered by an agency that leaves out what it was not asked for', async () => {
    const { submit, request, say } = await exchangeWith(limited({ fields: ['lastName'] }));
    say(({ fields }) => ({
      outcome: 'FOUND',
      facts: Object.fromEntries(
        Object.entries(identityFacts).filter(([name]) => fields.includes(name)),
      ),
    }));
    const { answer = '', problem } = await submit(await request());
    expect(problem).toBeUndefined();
    expect(disclosedIn(answer)).toEqual({ lastName: identityFacts.lastName });
  });

  it('passes on yes or no at a match, and nothing that is read all the same', async () => {
    const { submit, request, say, agencies } = await exchangeWith(limited({ level: 'match' }));
    say({ outcome: 'MATCH', facts: { firstName: true, lastName: false } });
    const { answer = '' } = await submit(await request());
    expect(payloadOf(agencies.calls[0]?.token ?? '')).toMatchObject({ level: 'match' });
    expect(disclosedIn(answer)).toEqual({ firstName: true, lastName: false });
    say({ outcome: 'FOUND', facts: identityFacts });
    const read = await submit(await request());
    expect(read.answer).toBeUndefined();
    expect(read.problem?.name).toBe('agency-response-invalid');
  });

  it('passes nothing on but the outcome at a yes or no', async () => {
    const { submit, request, agencies } = await exchangeWith(limited({ level: 'verify' }));
    const { answer = '', receipt } = await submit(await request());
    expect(payloadOf(agencies.calls[0]?.token ?? '')).toMatchObject({
      level: 'verify',
      fields: [],
    });
    expect(disclosedIn(answer)).toEqual({});
    expect(receiptOf(receipt)).toMatchObject({ outcome: 'FOUND' });
  });
});

describe('a retry after the terms became narrower', () => {
  /** Answered once under the first limit, and asked again once the second has been heard of. */
  const retried = async (first: Partial<Limit>, second: Partial<Limit>) => {
    const test = await exchangeWith(limited(first));
    const text = await test.request();
    const before = await test.submit(text);
    await change(test.registry.store, accessOf({ limits: [limitOf(second)], version: 2 }));
    test.clock.advance(60_000);
    return { before, again: await test.submit(await test.retry(text)) };
  };

  it('gets the same answer while every fact of it may still be passed on', async () => {
    const { before, again } = await retried({ fields: ['lastName'] }, {});
    expect(disclosedIn(before.answer ?? '')).toEqual({ lastName: identityFacts.lastName });
    expect(again.answer).toBe(before.answer);
  });

  it.each([
    ['a fact of it may no more be passed on', { fields: ['lastName'] }],
    ['only yes or no for each field may be', { level: 'match' as const }],
    ['only yes or no may be', { level: 'verify' as const }],
  ])('gets the receipt of what stands, and no answer, when %s', async (_, second) => {
    const { before, again } = await retried({}, second);
    expect(before.answer).toBeDefined();
    expect(again.answer).toBeUndefined();
    expect(again.problem).toBeUndefined();
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(before.receipt));
  });

  it('is denied when the agency has stopped the counter', async () => {
    const { again } = await retried({}, { stopped: true });
    expect(again.answer).toBeUndefined();
    expect(again.problem).toMatchObject({
      name: 'policy-denied',
      detail: 'The agency has stopped the counter, or everybody, for this service.',
    });
  });

  it('gets an answer of yes or no for each field again at the same level', async () => {
    const test = await exchangeWith(limited({ level: 'match' }));
    test.say({ outcome: 'MATCH', facts: { firstName: true } });
    const text = await test.request();
    const { answer } = await test.submit(text);
    expect((await test.submit(await test.retry(text))).answer).toBe(answer);
  });
});
