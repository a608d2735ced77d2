import { describe, expect, it } from 'vitest';
import type { DisclosureQuestion } from '#shared/client/open-disclosure.ts';
import { checkFact, openFact } from '#shared/client/open-disclosure.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { parseDisclosureRequest } from '#shared/oversight/facts/disclosure-request.ts';
import { openDisclosure } from '#shared/oversight/facts/open-disclosure.ts';
import { directoryOf, registered } from '#tests/support/messages.ts';
import { factsStage, someone } from '../oversight/facts/facts-stage.ts';

const reason = 'A complaint about an office.';

const setStage = async () => {
  const stage = await factsStage();
  const [inquiry, other] = [
    await stage.ask(),
    await stage.ask({ facts: { operator: 'operator-8' } }),
  ];
  const { counter, otherCounter } = stage.keys;
  const keys = [await registered(counter, { status: 'revoked' }), await registered(otherCounter)];
  const keyOf = directoryOf(keys);
  const post = async (target: string, question: JsonObject): Promise<JsonObject> => {
    expect(target).toBe('/v1/audit/disclosures');
    const request = parseDisclosureRequest(question);
    const { fact } = await openDisclosure(stage.parts)(request, stage.as('all'));
    return { ...fact };
  };
  const open = (question: Partial<DisclosureQuestion> = {}) =>
    openFact(post, { inquiry, fact: 'operator', reason, ...question }, keyOf);
  return { open, post, keyOf, inquiry, other, stage };
};

describe('a fact that the client opens', () => {
  it('is what the counter signed, though its key is revoked by now', async () => {
    const { open } = await setStage();
    expect(await open()).toMatchObject({
      name: 'operator',
      value: 'operator-7',
      by: 'counter:72110345',
    });
    const order = 'court-12/05-778';
    expect((await open({ fact: 'subject', order })).value).toEqual(someone);
  });

  it('is evidence for whoever has the key', async () => {
    const { open, keyOf, inquiry } = await setStage();
    const { evidence, ...fact } = await open();
    const [request, disclosure] = evidence.split('~');
    const again = await checkFact(
      { request: request ?? '', disclosure: disclosure ?? '' },
      { inquiry, fact: 'operator' },
      keyOf,
    );
    expect(again).toEqual({ ...fact, evidence });
  });

  it.each([
    ['another value', (json: JsonObject) => ({ ...json, disclosure: forged('operator', 'x') })],
    ['another name', (json: JsonObject) => ({ ...json, disclosure: forged('case', 'x') })],
    ['no disclosure', (json: JsonObject) => ({ ...json, disclosure: 'x' })],
    ['another request', (json: JsonObject) => ({ ...json, request: 'a.b.c' })],
    [
      'a bent signature',
      ({ request, ...json }: JsonObject) => ({ ...json, request: bent(request) }),
    ],
  ])('is refused with %s', async (_, change) => {
    const { post, keyOf, inquiry } = await setStage();
    const question = { inquiry, fact: 'operator', reason } as const;
    const told = openFact(async (...asked) => change(await post(...asked)), question, keyOf);
    await expect(told).rejects.toMatchObject({
      name: 'UntrustedReply',
      check: 'disclosure-not-signed',
    });
  });

  it('is refused when it is of another inquiry, or another fact, though it is signed', async () => {
    const { post, keyOf, inquiry, other } = await setStage();
    const asked = { inquiry, fact: 'operator', reason } as const;
    const swapped = (change: JsonObject) =>
      openFact((target) => post(target, { ...asked, ...change }), asked, keyOf);
    for (const change of [{ inquiry: other }, { fact: 'case' }]) {
      await expect(swapped(change)).rejects.toMatchObject({ check: 'disclosure-not-signed' });
    }
  });

  it('is refused when nobody knows the key', async () => {
    const { post, inquiry } = await setStage();
    const question = { inquiry, fact: 'operator', reason } as const;
    await expect(openFact(post, question, async () => undefined)).rejects.toMatchObject({
      check: 'disclosure-not-signed',
    });
  });

  it('is refused in another shape', async () => {
    const { keyOf, inquiry } = await setStage();
    const question = { inquiry, fact: 'operator', reason } as const;
    await expect(openFact(async () => ({}), question, keyOf)).rejects.toMatchObject({
      check: 'shape',
    });
  });
});

const forged = (name: string, value: string): string =>
  makeDisclosure(new Uint8Array(16).fill(7), name, value).text;

const bent = (request: JsonValue | undefined): string => {
  const text = typeof request === 'string' ? request : '';
  const [header = '', payload = '', signature = ''] = text.split('.');
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  return [header, payload, flipped].join('.');
};
