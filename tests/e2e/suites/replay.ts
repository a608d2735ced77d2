import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from '#shared/kernel/bytes.ts';
import { mapScalars, p256Order } from '#tests/conformance/hostile/signature.ts';
import {
  disclosureOf,
  inquiryIdAt,
  newJti,
  saltText,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { factsFor, idOf, otherTill, requestFor, retryOf, whileCounting } from '../ask.ts';
import { expectNothingUnder, expectRecorded } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused, nameOf } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

/** An inquiry that was answered, and its text. */
const answered = async (
  stage: Stage,
): Promise<{ readonly text: string; readonly first: Heard }> => {
  const text = await requestFor(stage);
  const first = await stage.wire.post(text);
  expect(first.status).toBe(200);
  await expectRecorded(stage, text, first);
  return { text, first };
};

/** What a message gets whose id stands in the journal; no agency may be asked for it. */
const repeated = async (stage: Stage, text: string | Uint8Array): Promise<Heard> => {
  const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));
  expect(calls).toBe(0);
  expect(Object.keys(result.json)).not.toContain('answer');
  expect(Object.keys(result.json)).not.toContain('receipt');
  return result;
};

/** The other valid ECDSA signature of the same message: (r, n − s). */
const malleated = (text: string): string => {
  const [jws = '', ...rest] = text.split('~');
  const [header, payload, signature = ''] = jws.split('.');
  const turned = mapScalars((r, s) => [r, p256Order - s])(
    fromBase64Url(signature) ?? new Uint8Array(),
  );
  return [[header, payload, toBase64Url(turned)].join('.'), ...rest].join('~');
};

export const replaySuite = (onStage: OnStage): void => {
  describe('a message whose id stands in the journal', () => {
    it('is replayed when it is the very same token', async () => {
      const stage = onStage();
      const { text } = await answered(stage);

      expectRefused(await repeated(stage, text), 'replayed');
    });

    it('is replayed when its signature was turned to (r, n − s), which is valid too', async () => {
      const stage = onStage();
      const { text } = await answered(stage);
      const copy = malleated(text);

      expect(copy).not.toBe(text);
      expectRefused(await repeated(stage, copy), 'replayed');
    });

    it('is replayed when its disclosures stand in another order', async () => {
      const stage = onStage();
      const { text } = await answered(stage);
      const [jws, ...disclosures] = text.split('~').slice(0, -1);

      const copy = `${[jws, ...disclosures.toReversed()].join('~')}~`;

      expectRefused(await repeated(stage, copy), 'replayed');
    });

    it('is replayed when it keeps its jti and is signed once more', async () => {
      const stage = onStage();
      const jti = newJti();
      const text = await requestFor(stage, { claims: withMembers({ jti }) });
      expect((await stage.wire.post(text)).status).toBe(200);

      const again = await retryOf(stage, text, { claims: withMembers({ jti }) });

      expectRefused(await repeated(stage, again), 'replayed');
    });

    it('conflicts when it asks something else', async () => {
      const stage = onStage();
      const { text } = await answered(stage);
      const other = await requestFor(stage, { id: idOf(text), question: serviceOf('police').yes });

      expectRefused(await repeated(stage, other), 'reference-conflict');
    });

    it('conflicts when it asks the same of somebody else', async () => {
      const stage = onStage();
      const { text } = await answered(stage);
      const other = await requestFor(stage, {
        id: idOf(text),
        question: serviceOf('civil-registry').no,
      });

      expectRefused(await repeated(stage, other), 'reference-conflict');
    });

    it('conflicts when only a word of inq differs', async () => {
      const stage = onStage();
      const { text } = await answered(stage);

      const other = await retryOf(stage, text, { claims: withInquiry({ seq: 1843 }) });

      expectRefused(await repeated(stage, other), 'reference-conflict');
    });

    it('conflicts when another counter sends it', async () => {
      const stage = onStage();
      const { text } = await answered(stage);

      const other = await retryOf(stage, text, { key: stage.world.keyOf(otherTill) });

      expectRefused(await repeated(stage, other), 'reference-conflict');
    });

    it('conflicts when the same facts are salted anew', async () => {
      const stage = onStage();
      const facts = factsFor(stage, serviceOf('civil-registry').yes);
      const text = await requestFor(stage, { facts });
      expect((await stage.wire.post(text)).status).toBe(200);

      const salted = await retryOf(stage, text, {
        disclosures: () =>
          Object.entries(facts).map(([name, value]) => disclosureOf([saltText(), name, value])),
      });

      expectRefused(await repeated(stage, salted), 'reference-conflict');
    });

    it('is refused before that when its _sd is not sorted', async () => {
      const stage = onStage();
      const { text } = await answered(stage);

      const unsorted = await retryOf(stage, text, { digests: (digests) => digests.toReversed() });

      expectRefused(await repeated(stage, unsorted), 'disclosure-invalid');
    });
  });

  describe('one token posted many times at once', () => {
    it('is served exactly once, and the agency is asked once', async () => {
      const stage = onStage();
      const text = await requestFor(stage);
      // Each parallel post to an emulated Lambda starts a process of its own.
      const posts = stage.world.workshop === undefined ? 8 : 50;

      const { result, calls } = await whileCounting(stage, () =>
        Promise.all(Array.from({ length: posts }, () => stage.wire.post(text))),
      );

      const served = result.filter(({ status }) => status === 200);
      const others = result.filter(({ status }) => status !== 200);
      expect(served).toHaveLength(1);
      expect(others.map(nameOf)).toEqual(Array.from({ length: posts - 1 }, () => 'replayed'));
      expect(calls).toBe(1);
      for (const heard of served) await expectRecorded(stage, text, heard);
    });

    it('gives one winner when different tokens race for one id', async () => {
      const stage = onStage();
      const id = inquiryIdAt(Date.now());
      const texts = await Promise.all(Array.from({ length: 4 }, () => requestFor(stage, { id })));

      const { result, calls } = await whileCounting(stage, () =>
        Promise.all(texts.map(async (text) => ({ text, heard: await stage.wire.post(text) }))),
      );

      const served = result.filter(({ heard }) => heard.status === 200);
      expect(served).toHaveLength(1);
      expect(calls).toBe(1);
      expect(result.filter(({ heard }) => nameOf(heard) === 'reference-conflict')).toHaveLength(3);
      for (const { text, heard } of served) await expectRecorded(stage, text, heard);
    });
  });

  describe('an id that nobody used rightly', () => {
    it('can still be used after a message with a forged signature', async () => {
      const stage = onStage();
      const forged = await requestFor(stage, {
        signature: (bytes) => bytes.map((byte, at) => (at === 63 ? byte ^ 1 : byte)),
      });
      expectRefused(await repeated(stage, forged), 'signature-invalid');
      await expectNothingUnder(stage, idOf(forged));

      const honest = await requestFor(stage, { id: idOf(forged) });

      await expectRecorded(stage, honest, await stage.wire.post(honest));
    });

    it.each([
      { name: 'old', offset: -11_000 },
      { name: 'ahead', offset: 11_000 },
    ])('is stale when it is 11 seconds $name, and nothing is written', async ({ offset }) => {
      const stage = onStage();
      const id = inquiryIdAt(Date.now() + offset);
      const text = await requestFor(stage, { id });

      expectRefused(await repeated(stage, text), 'stale-inquiry');

      await expectNothingUnder(stage, idOf(text));
    });

    it.each([
      { name: 'old', offset: -8000 },
      { name: 'ahead', offset: 8000 },
    ])('is fresh when it is 8 seconds $name', async ({ offset }) => {
      const stage = onStage();
      const text = await requestFor(stage, { id: inquiryIdAt(Date.now() + offset) });

      const heard = await stage.wire.post(text);

      expect(heard.status).toBe(200);
      await expectRecorded(stage, text, heard);
    });

    it('is malformed inside a body that is base64 already', async () => {
      const stage = onStage();
      const text = await requestFor(stage);

      const heard = await repeated(stage, Buffer.from(text).toString('base64'));

      expectRefused(heard, 'malformed');
      await expectNothingUnder(stage, idOf(text));
    });
  });
};
