import { describe, expect, it } from 'vitest';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { askQuestion, questionFilter } from '#shared/oversight/questions/ask-question.ts';
import { parseQuestionQuery } from '#shared/oversight/questions/question-query.ts';
import { questions } from '#shared/oversight/questions/table.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf } from '../../inquiry/journal-stage.ts';
import { type IndexStage, indexStage, type Told } from '../entries/index-stage.ts';
import { tag } from './walk-stage.ts';

const hour = 3_600_000;
const iso = (t: number): string => new Date(t).toISOString();
const range = { from: iso(testNow - 240 * hour), to: iso(testNow + hour) };

type Given = Readonly<Record<string, string>>;

const asking = (stage: IndexStage, scopes?: readonly Scope[]) => {
  const auditor = agencyOf('auditor:one');
  const reader = scopes === undefined ? auditor : { ...auditor, scopes: [...scopes] };
  const confidentialBases = { 'court.7': { days: 30, class: 'criminal-investigation' } };
  const directory = { participant: async () => reader };
  const ask = askQuestion({ ...stage.parts, directory, confidentialBases });
  return (name: string, given: Given = {}, language: 'en' | 'fa' = 'en') =>
    ask(parseQuestionQuery(name, { ...range, ...given }), reader.id, language);
};

const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'answered';
  } catch (error) {
    return error instanceof Problem ? `${error.name}: ${error.detail}` : 'a bug';
  }
};

const inquiryAt = (at: number, change: Partial<Inquiry> = {}): Inquiry => ({
  id: InquiryId.parse(inquiryIdAt(at)),
  counter: 'counter:1',
  service: 'police/vehicle@1',
  outcome: 'FOUND',
  ...change,
});

const tags: Told = ({ counter }) => ({
  operatorTag: tag(counter === 'counter:1' ? 1 : 2),
  subjectTag: tag(9),
  hasCase: false,
});

/** So many of two counters, and one more in a bucket behind them, where the index ends. */
const staged = async (many = 5, stride = 1): Promise<IndexStage> => {
  const asked = ['counter:1', 'counter:2'].flatMap((counter) =>
    Array.from({ length: many }, (_, n) => inquiryAt(testNow - hour - n * 1000, { counter })),
  );
  const stage = indexStage(await journalOf([...asked, inquiryAt(testNow)]), { told: tags, stride });
  await stage.feed(asked.length + 1);
  return stage;
};

describe('a question', () => {
  it('is answered from the index, up to where that ends', async () => {
    const stage = await staged();
    const answer = await asking(stage)('same-person');
    expect(answer).toMatchObject({
      question: 'same-person',
      from: range.from,
      until: iso(stage.marks.peek(0).until),
      n: 10,
      findings: [
        { n: 5, group: 1 },
        { n: 5, group: 1 },
      ],
    });
    expect(answer).not.toHaveProperty('rest');
  });

  it.each([...questions.keys()])(
    '%s shows nothing of the persons that it is about',
    async (name) => {
      const answer = await asking(await staged())(name);
      expect(answer.question).toBe(name);
      expect(JSON.stringify(answer)).not.toContain(tag(9));
    },
  );

  it('is asked of what is meant only, in the language that is wanted', async () => {
    const ask = asking(await staged());
    const { findings } = await ask('no-case', { counter: 'counter:2' }, 'fa');
    expect(findings.map(({ counter, n, why }) => [counter, n, why])).toEqual([
      ['counter:2', 5, '۵ استعلام از ۵ تا شمارهٔ پرونده ندارد.'],
    ]);
  });

  it('is asked of what lies within the scope of its reader', async () => {
    const stage = await staged();
    const own = asking(stage, [{ kind: 'counter', value: 'counter:2' }]);
    expect((await own('no-case')).findings.map(({ counter }) => counter)).toEqual(['counter:2']);
    expect(await refusal(() => own('no-case', { counter: 'counter:1' }))).toMatch(/^out-of-scope/);
    expect(await refusal(() => asking(stage, [])('latency'))).toMatch(/^out-of-scope/);
  });

  it('tells as many findings as are wanted, and how many there are more', async () => {
    const answer = await asking(await staged())('no-case', { limit: '1' });
    expect([answer.findings.length, answer.rest]).toEqual([1, 1]);
  });

  it('finds nothing where its filter and its own exclude each other', async () => {
    const ask = asking(await staged());
    expect(await ask('denied-then-allowed', { effect: 'allow' })).toMatchObject({
      n: 10,
      findings: [],
    });
    const operator = tag(2);
    expect((await ask('same-person', { operator })).findings).toMatchObject([{ operator }]);
  });

  it('is refused where it would look at too much, and told what to do', async () => {
    const ask = asking(await staged(255, segmentWidth));
    expect(await refusal(() => ask('latency'))).toBe(
      'invalid-query: This would look at more than one answer may. Ask of a shorter time, or of one counter, agency or province; or export the entries.',
    );
    expect(await refusal(() => ask('latency', { counter: 'counter:3' }))).toBe('answered');
  });

  it('is index-unavailable where the index is behind, or a part of it is missing', async () => {
    const stage = await staged();
    const ask = asking(stage);
    stage.source.put(segmentKey(0, 0), undefined);
    expect(await refusal(() => ask('latency'))).toMatch(/^index-unavailable: A part/);
    await stage.feed(1);
    expect(await refusal(() => ask('latency'))).toMatch(/^index-unavailable: The index is too far/);
  });
});

describe('the query of a question', () => {
  const parsed = (name: string | undefined, given: Given = {}) =>
    refusal(() => parseQuestionQuery(name, { ...range, ...given }));

  it.each([undefined, '', 'unheard-of', '__proto__', 'constructor'])(
    'is not-found for a question that there is not: %s',
    async (name) => {
      expect(await parsed(name)).toBe('not-found: There is no such question.');
    },
  );

  it.each(
    [...questions].flatMap(([name, { parameters }]) =>
      parameters.map((parameter) => [name, parameter.name, parameter.usual] as const),
    ),
  )('of %s takes its %s as it usually is, and no other form', async (name, parameter, usual) => {
    expect(await parsed(name, { [parameter]: usual })).toBe('answered');
    for (const wrong of ['', '0', '-1', 'many', 'fri,xyz', '16-8', '8-25', '1e3', '9'.repeat(9)]) {
      expect(await parsed(name, { [parameter]: wrong })).toBe(
        `invalid-query: These are of the wrong form: ${parameter}.`,
      );
    }
  });

  it.each([
    ['latency', { hours: '8-16' }],
    ['latency', { cursor: 'AQID' }],
    ['latency', { subject: 'anybody' }],
    ['outside-hours', { minutes: '3' }],
  ])('of %s takes nothing that is not its own: %j', async (name, given) => {
    expect(await parsed(name, given)).toBe(
      'invalid-query: These are missing, unknown or of the wrong form: a parameter.',
    );
  });

  it('has each parameter that is told of, and tells of each', () => {
    for (const { parameters, shape } of questions.values()) {
      expect(parameters.map(({ name }) => name).toSorted()).toEqual(Object.keys(shape).toSorted());
    }
  });

  it('is put on record with the name of the question and what it was given', () => {
    const asked = parseQuestionQuery('outside-hours', {
      from: range.from,
      to: range.to,
      hours: '9-17',
      counter: 'counter:1',
    });
    expect(questionFilter(asked)).toEqual({
      question: 'outside-hours',
      from: range.from,
      to: range.to,
      hours: '9-17',
      counter: 'counter:1',
      limit: 100,
    });
  });
});
