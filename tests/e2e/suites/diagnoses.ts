import { describe, expect, it } from 'vitest';
import { disclosedIn } from '#tests/support/exchange.ts';
import { inquiryIdAt, withInquiry, withMembers } from '#tests/support/messages.ts';
import { readAs } from '../access.ts';
import { idOf, otherTill, requestFor, till, whileCounting } from '../ask.ts';
import { Diagnosis, failedIn, postDiagnose } from '../diagnoses.ts';
import { expectNothingUnder, expectRecorded } from '../evidence.ts';
import { leaksIn } from '../leaks.ts';
import { tellingTexts } from '../persons.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

/** Why a request was refused, as its counter reads it. */
const explained = async (stage: Stage, id: string, participant = till): Promise<Diagnosis> => {
  const heard = await readAs(stage, participant, `/v1/diagnoses/${encodeURIComponent(id)}`);
  expect({ status: heard.status, text: heard.text }).toMatchObject({ status: 200 });
  return Diagnosis.parse(heard.json);
};

const expectUnexplained = async (stage: Stage, id: string, participant: string): Promise<void> => {
  const heard = await readAs(stage, participant, `/v1/diagnoses/${encodeURIComponent(id)}`);
  expectRefused(heard, 'not-found');
};

/** What a message is told to come to, with nothing of a person in it. */
const diagnosed = async (stage: Stage, text: string): Promise<Diagnosis> => {
  const { result, calls } = await whileCounting(stage, () => postDiagnose(stage, text));
  expect({ calls, status: result.status }).toEqual({ calls: 0, status: 200 });
  expect(leaksIn([result.text], tellingTexts(Object.values(disclosedIn(text))))).toEqual([]);
  return Diagnosis.parse(result.json);
};

export const diagnosesSuite = (onStage: OnStage): void => {
  describe('a refusal', () => {
    it('is explained to its counter and to nobody else, when policy denied', async () => {
      const stage = onStage();
      const question = { ...serviceOf('civil-registry').yes, purpose: 'curiosity' };
      const text = await requestFor(stage, { question });
      const refused = await stage.wire.post(text);
      expectRefused(refused, 'policy-denied');
      expect(refused.said('check')).toBe('policy-purpose-allowed');

      for (const id of [idOf(text), refused.said('instance')]) {
        const diagnosis = await explained(stage, id);
        expect(failedIn(diagnosis)).toEqual(['policy-purpose-allowed']);
        expect(diagnosis).toMatchObject({ check: 'policy-purpose-allowed', inquiry: idOf(text) });
        await expectUnexplained(stage, id, otherTill);
      }
    });

    it('is explained when nothing of it was journalled', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { id: inquiryIdAt(Date.now() - 60_000) });
      const refused = await stage.wire.post(text);
      expectRefused(refused, 'stale-inquiry');
      expect(refused.said('check')).toBe('inquiry-fresh');
      await expectNothingUnder(stage, idOf(text));

      const diagnosis = await explained(stage, refused.said('instance'));
      expect(failedIn(diagnosis)).toEqual(['inquiry-fresh']);
      await expectUnexplained(stage, refused.said('instance'), otherTill);
      await expectUnexplained(stage, idOf(text), till);
    });

    it('is explained with where the claims were wrong', async () => {
      const stage = onStage();
      const refused = await stage.wire.post(
        await requestFor(stage, { claims: withInquiry({ seq: 0 }) }),
      );
      expectRefused(refused, 'invalid-claims');

      const { checks } = await explained(stage, refused.said('instance'));
      const failed = checks.filter(({ result }) => result === 'failed');
      expect(failed).toMatchObject([{ code: 'inq-seq', errors: [{ pointer: '/inq/seq' }] }]);
    });

    it('is not explained when nobody can be said to have sent it', async () => {
      const stage = onStage();
      const refused = await stage.wire.post(
        await requestFor(stage, { signature: () => new Uint8Array(64) }),
      );
      expectRefused(refused, 'signature-invalid');
      expect(refused.said('check')).toBe('signature');
      await expectUnexplained(stage, refused.said('instance'), till);
    });

    it.each(['AAAAAAAAAAAAAAA=', 'no-such-request', '01a9b4a5-3800-7abc-9def-0123456789ab', '%'])(
      'is not found under %s',
      async (id) => {
        await expectUnexplained(onStage(), id, till);
      },
    );
  });

  describe('a message that is only looked at', () => {
    it('would be sent on, leaves nothing, and can be sent in earnest afterwards', async () => {
      const stage = onStage();
      const text = await requestFor(stage);

      const diagnosis = await diagnosed(stage, text);
      expect(diagnosis).toMatchObject({
        outcome: 'sent-on',
        decision: { effect: 'allow', rule: 'open-service' },
      });
      expect(failedIn(diagnosis)).toEqual([]);
      await expectNothingUnder(stage, idOf(text));

      await expectRecorded(stage, text, await stage.wire.post(text));
      expect((await diagnosed(stage, text)).check).toBe('token-unused');
    });

    it('is told all that is wrong with it at once', async () => {
      const stage = onStage();
      const text = await requestFor(stage, {
        question: { ...serviceOf('civil-registry').yes, params: {}, purpose: 'curiosity' },
        id: inquiryIdAt(Date.now() - 60_000),
      });

      expect(failedIn(await diagnosed(stage, text))).toEqual([
        'inquiry-fresh',
        'policy-purpose-allowed',
        'policy-input-valid',
      ]);
    });

    it.each([
      {
        check: 'signature',
        bend: {
          signature: (bytes: Uint8Array) => bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
        },
      },
      { check: 'header-members', bend: { header: withMembers({ crit: ['exp'] }) } },
      { check: 'closing-tilde', bend: { token: (text: string) => `${text}\n` } },
      { check: 'message-size', bend: { token: (text: string) => text + 'A'.repeat(65_536) } },
      { check: 'audience', bend: { claims: withMembers({ aud: 'https://elsewhere.example/' }) } },
    ])('fails at $check, and no more is told of its counter', async ({ check, bend }) => {
      const stage = onStage();
      const diagnosis = await diagnosed(stage, await requestFor(stage, bend));

      expect(diagnosis).toMatchObject({ outcome: 'refused', check });
      expect(failedIn(diagnosis)).toEqual([check]);
      const told = diagnosis.checks.filter(({ code }) => code.startsWith('policy-'));
      expect(new Set(told.map(({ result }) => result))).toEqual(new Set(['skipped']));
    });

    it('is refused under another media type', async () => {
      const { wire } = onStage();
      const heard = await wire.send('POST', '/v1/diagnose', {
        body: 'x~',
        headers: { 'content-type': 'text/plain' },
      });
      expectRefused(heard, 'unsupported-media-type');
      expect(heard.said('check')).toBe('media-type');
    });
  });
};
