import { describe, expect, it } from 'vitest';
import { requestFor, whileCounting } from '../ask.ts';
import { expectRecorded } from '../evidence.ts';
import { type Question, serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage } from '../stage.ts';

type Denial = {
  readonly name: string;
  readonly rule: string;
  readonly question: Question;
  readonly counter?: string;
  /** Where the question is wrong. */
  readonly pointers?: readonly string[];
};

const identity = serviceOf('civil-registry').yes;

const denials: readonly Denial[] = [
  {
    name: 'a counter whose licence is suspended',
    rule: 'licence-valid',
    question: identity,
    counter: 'counter:72199001',
  },
  {
    name: 'a service that nobody offers',
    rule: 'service-exists',
    question: { ...identity, service: 'civil-registry/horoscope@1' },
  },
  {
    name: 'a version that nobody offers',
    rule: 'service-exists',
    question: { ...identity, service: 'civil-registry/identity@2' },
  },
  {
    name: 'a purpose that the service does not accept',
    rule: 'purpose-allowed',
    question: { ...identity, purpose: 'curiosity' },
  },
  {
    name: 'a subject of another type',
    rule: 'subject-type',
    question: { ...identity, subject: serviceOf('companies').yes.subject },
    pointers: ['/subject/type'],
  },
  {
    name: 'params without what is needed',
    rule: 'input-valid',
    question: { ...identity, params: {} },
    pointers: ['/params'],
  },
  {
    name: 'params of the wrong form',
    rule: 'input-valid',
    question: { ...identity, params: { birthDate: '1985-02-30', firstName: 7 } },
    pointers: ['/params/birthDate', '/params/firstName'],
  },
  {
    name: 'params that the service does not know',
    rule: 'input-valid',
    question: { ...identity, params: { ...identity.params, motherName: 'پری‌سیما' } },
    pointers: ['/params'],
  },
];

export const denialSuite = (onStage: OnStage): void => {
  describe('an inquiry that policy does not allow', () => {
    it.each(denials)(
      'is denied by $rule, journalled and receipted: $name',
      async ({ rule, question, counter = 'counter:72110345', pointers }) => {
        const stage = onStage();
        const key = stage.world.keyOf(counter);
        const text = await requestFor(stage, { question, key });

        const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));

        expectRefused(result, 'policy-denied');
        expect(calls).toBe(0);
        const { asked, answered, receipt } = await expectRecorded(stage, text, result);
        expect(asked.dec).toMatchObject({ effect: 'deny', rule });
        expect(answered).toMatchObject({ out: 'DENIED', http: 0, ms: 0 });
        expect(receipt).toMatchObject({ outcome: 'DENIED', aud: counter });
        const { errors } = result.json;
        const found = Array.isArray(errors)
          ? errors.map(({ pointer }: { readonly pointer: string }) => pointer)
          : undefined;
        expect(found && [...new Set(found)].toSorted()).toEqual(pointers);
      },
    );
  });
};
