import { describe, expect, it } from 'vitest';
import type { AskResult } from '#shared/client/ask.ts';
import { callsTo, otherTill, requestFor, till } from '../ask.ts';
import { whileBehaving } from '../behaving.ts';
import { expectRecorded, recordsOf } from '../evidence.ts';
import { type Question, services } from '../questions.ts';
import type { OnStage, Stage } from '../stage.ts';

const counters = [
  { counter: till, algorithm: 'ES256' },
  { counter: otherTill, algorithm: 'Ed25519' },
] as const;

/** Asks with the client, which verifies everything it is told. */
const askAs = async (
  { world, persons }: Stage,
  counter: string,
  { subject, params, ...rest }: Question,
): Promise<Extract<AskResult, { kind: 'answered' }>> => {
  const facts = { case: `1405/${crypto.randomUUID()}`, operator: `op-${crypto.randomUUID()}` };
  persons.note([facts, params, { ...subject }]);
  const result = await world.client(counter).ask({
    ...rest,
    ...facts,
    subject,
    params,
    basis: 'civil-code-1.12',
    station: 'till-3',
    presence: 'in-person',
    seq: 1,
  });
  if (result.kind !== 'answered') throw new Error('It was not answered.', { cause: result });
  return result;
};

export const servicesSuite = (onStage: OnStage): void => {
  const cases = services.flatMap((example) =>
    counters.flatMap(({ counter, algorithm }) =>
      (['yes', 'no'] as const).map((told) => ({
        ...example,
        counter,
        algorithm,
        service: example[told].service,
        question: example[told],
        outcome: example.outcomes[told === 'yes' ? 0 : 1],
        told,
      })),
    ),
  );

  describe('each service', () => {
    it.each(cases)(
      '$service tells an $algorithm counter $outcome',
      async ({ agency, counter, question, outcome, told, fields }) => {
        const stage = onStage();
        const before = callsTo(stage, agency);

        const result = await askAs(stage, counter, question);

        expect(result.outcome).toBe(outcome);
        expect(result.answer?.claims.iss).toBe(`agency:${agency}`);
        expect(result.answer?.fields).toEqual(fields[told]);
        expect(callsTo(stage, agency)).toBe(before + 1);
        stage.persons.note(result.answer?.fields ?? {});
        const { intent = '', outcome: record = '' } = await recordsOf(stage, result.inqId);
        expect(intent).toContain(`"req":"${result.sent[0]?.jws}"`);
        expect(record).toContain(`"res":"${result.answer?.token.split('~')[0]}"`);
      },
    );

    it.each(cases.filter(({ told }) => told === 'yes'))(
      '$service leaves canonical records behind, and a receipt over their leaf ($algorithm)',
      async ({ counter, question, outcome }) => {
        const stage = onStage();
        const text = await requestFor(stage, { question, key: stage.world.keyOf(counter) });

        const heard = await stage.wire.post(text);

        expect(heard.status).toBe(200);
        const { answered, asked } = await expectRecorded(stage, text, heard);
        expect(answered).toMatchObject({ out: outcome, http: 200, fee: 'tariff-1405-a' });
        expect(asked.req).toBe(text.split('~')[0]);
      },
    );

    it.each(services.map((one) => ({ ...one, service: one.yes.service })))(
      '$service: the agency discloses $kept, the exchange withholds it and says so',
      async ({ agency, yes, kept, fields }) => {
        const stage = onStage();
        const text = await requestFor(stage, { question: yes });

        const heard = await whileBehaving(stage, agency, 'extra-field', () =>
          stage.wire.post(text),
        );

        expect(heard.status).toBe(200);
        const recorded = await expectRecorded(stage, text, heard);
        expect(recorded.receipt.withheld).toEqual([kept]);
        expect(recorded.fields).toEqual(fields.yes);
      },
    );
  });
};
