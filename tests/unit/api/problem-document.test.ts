import { describe, expect, it } from 'vitest';
import { problemBase, problemDocument } from '#shared/api/problem-document.ts';
import { Problem, type ProblemName, problems } from '#shared/kernel/problem.ts';
import { testNow } from '#tests/support/messages.ts';

const isName = (name: string): name is ProblemName => Object.hasOwn(problems, name);
const names = Object.keys(problems).filter(isName);

const told = { requestId: 'request-1', now: testNow } as const;

describe('problemDocument', () => {
  it.each(names)('tells %s in both languages', (name) => {
    const problem = new Problem(name, 'What was wrong, and what would be right.');
    const { status, en, fa } = problems[name];
    const common = {
      type: `https://docs.estelam.example/problems/${name}`,
      status,
      detail: 'What was wrong, and what would be right.',
      instance: 'request-1',
      serverTime: '2027-01-15T08:00:00.000Z',
    };
    const document = (language: 'en' | 'fa') =>
      problemDocument(problem, { ...told, language, status: problem.status });
    expect(document('en')).toEqual({ ...common, title: en });
    expect(document('fa')).toEqual({ ...common, title: fa });
    expect(en).toMatch(/^[A-Z][ -~]+[^.]$/);
    expect(fa).toMatch(/^\p{Script=Arabic}/u);
  });

  it('has an address of its own for every name', () => {
    expect(names.length).toBeGreaterThan(25);
    for (const name of names) expect(URL.canParse(problemBase + name)).toBe(true);
  });

  it('names the check that failed, and never who signed', () => {
    const problem = new Problem('wrong-typ', 'Why.', { check: 'typ', by: 'counter:72110345' });
    const document = problemDocument(problem, { ...told, language: 'en', status: 400 });
    expect(document['check']).toBe('typ');
    expect(JSON.stringify(document)).not.toContain('counter:72110345');
  });

  it('carries the errors and the receipt when there are some', () => {
    const errors = [{ pointer: '/inq/seq', detail: 'must be 1 or more' }];
    const problem = new Problem('invalid-claims', 'One claim is wrong.', {
      errors,
      receipt: 'a.b.c',
    });
    const document = problemDocument(problem, { ...told, language: 'en', status: 422 });
    expect(document).toMatchObject({ errors, receipt: 'a.b.c' });
  });

  it('carries the version that stands, 0 too, where another was expected', () => {
    for (const current of [0, 7]) {
      const problem = new Problem('stale-version', 'Read it again.', { current });
      const document = problemDocument(problem, { ...told, language: 'en', status: 409 });
      expect(document).toMatchObject({ current });
    }
  });

  it('tells the status it is told with, not the one of the table', () => {
    const problem = new Problem('expired', 'The exp has passed.');
    expect(problemDocument(problem, { ...told, language: 'en', status: 401 })).toMatchObject({
      status: 401,
      type: `${problemBase}expired`,
    });
  });

  it('says nothing of the cause', () => {
    const cause = new Error('table estelam-registry at 10.0.0.7');
    const problem = new Problem('store-unavailable', 'Try again.', { retryAfter: 2 }, { cause });
    const document = problemDocument(problem, { ...told, language: 'en', status: 503 });
    expect(JSON.stringify(document)).not.toContain('10.0.0.7');
    expect(document).not.toHaveProperty('retryAfter');
  });
});
