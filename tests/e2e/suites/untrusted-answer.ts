import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { BehaviourName } from '#infra/local/agencies/behaviour.ts';
import { requestFor, whileCounting } from '../ask.ts';
import { askWell, whileBehaving } from '../behaving.ts';
import { expectRecorded } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

/** Everything an agency can say that must not be passed on, and how far it got. */
const lies = {
  unsigned: 200,
  'wrong-key': 200,
  'wrong-typ': 200,
  'other-forward': 200,
  'wrong-inquiry': 200,
  'wrong-request-hash': 200,
  expired: 200,
  'undeclared-field': 200,
  'bad-schema': 200,
  'duplicate-disclosure': 200,
  'decoy-digest': 200,
  'missing-digest': 200,
  huge: 200,
  redirect: 302,
  'http-404': 404,
  'http-204': 204,
  'wrong-media-type': 200,
  truncated: 200,
} as const satisfies Partial<Record<BehaviourName, number>>;

const isLie = (name: string): name is keyof typeof lies => Object.hasOwn(lies, name);

/** Whatever failed is on record as a failure, with its receipt, and none of it is passed on or kept. */
const expectInvalid = async (
  stage: Stage,
  text: string,
  heard: Heard,
  http: number,
): Promise<void> => {
  expectRefused(heard, 'agency-response-invalid');
  expect(heard.json).not.toHaveProperty('answer');
  const { answered, receipt } = await expectRecorded(stage, text, heard);
  expect(answered).toMatchObject({ out: 'INVALID_ANSWER', http });
  expect(answered).not.toHaveProperty('res');
  expect(receipt.outcome).toBe('INVALID_ANSWER');
};

export const untrustedAnswerSuite = (onStage: OnStage): void => {
  describe('an answer that cannot be trusted', () => {
    it.each(Object.keys(lies).filter(isLie))('is not passed on: %s', async (name) => {
      const stage = onStage();
      const text = await requestFor(stage, { question: serviceOf('social-security').yes });

      const { result, calls } = await whileCounting(stage, () =>
        whileBehaving(stage, 'social-security', name, () => stage.wire.post(text)),
      );

      expect(calls).toBe(1);
      await expectInvalid(stage, text, result, lies[name]);
      expect(await askWell(stage, 'social-security')).toBe(200);
    });

    it('may not send the exchange elsewhere: a redirect is never followed', async () => {
      const stage = onStage();
      let visits = 0;
      const elsewhere = createServer((_, response) => {
        visits += 1;
        response.end();
      });
      elsewhere.listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      const address = elsewhere.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const text = await requestFor(stage, { question: serviceOf('companies').yes });
      const location = `http://127.0.0.1:${port}/latest/meta-data/`;

      const answers = [301, 302, 303, 307, 308].map((status) => async (): Promise<Heard> => {
        stage.world.tap.answerInstead((response) => response.writeHead(status, { location }).end());
        return stage.wire.post(await requestFor(stage, { question: serviceOf('companies').yes }));
      });
      for (const answer of answers) expectRefused(await answer(), 'agency-response-invalid');
      stage.world.tap.answerInstead(undefined);
      elsewhere.close();
      elsewhere.closeAllConnections();

      expect(visits).toBe(0);
      const heard = await stage.wire.post(text);
      expect(heard.status).toBe(200);
    });
  });
};
