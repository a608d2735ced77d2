import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type Observer, type Outcomes, observer } from '#functions/runtime/observe.ts';
import type { InquiryFacts } from '#shared/inquiry/settled.ts';
import { containing, matching } from './matching.ts';

const facts: InquiryFacts = {
  inquiryId: '019b76da-a800-7000-8000-000000000000',
  counter: 'counter:72110345',
  service: 'civil-registry/identity@1',
  outcome: 'NOT_FOUND',
  rule: 'allowed',
  agencyTime: 12,
  retry: false,
  cause: 'wrong-binding',
};

const told: Outcomes = {
  requestId: 'request-1',
  trace: '0af7651916cd43dd8448eb211c80319c',
  route: 'POST /v1/inquiries',
  status: 200,
  ms: 41.25,
};

/** The embedded metric format, as far as CloudWatch demands it. */
const Metrics = z.looseObject({
  ['_aws']: z.strictObject({
    Timestamp: z.int().min(0),
    CloudWatchMetrics: z.tuple([
      z.strictObject({
        Namespace: z.literal('Estelam'),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.array(z.strictObject({ Name: z.string(), Unit: z.string() })),
      }),
    ]),
  }),
});

/** The streams of the process; what the loggers print on them is caught and kept. */
const printed: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };

const catchStream = (name: 'stdout' | 'stderr'): void => {
  vi.spyOn(process[name], 'write').mockImplementation((text) => {
    printed[name] += text.toString();
    return true;
  });
};

const linesOf = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

/** Observes something and gives back what was printed. */
const observing = (level: 'INFO' | 'SILENT', use: (observe: Observer) => void) => {
  use(observer({ LOG_LEVEL: level }));
  return { stdout: linesOf(printed.stdout), stderr: linesOf(printed.stderr) };
};

beforeEach(() => {
  Object.assign(printed, { stdout: '', stderr: '' });
  catchStream('stdout');
  catchStream('stderr');
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an outcome', () => {
  it('is one line of JSON when no inquiry came of it', () => {
    const { stdout, stderr } = observing('INFO', ({ outcome }) => {
      outcome({ ...told, status: 401, problem: 'expired' });
    });
    expect(stdout).toEqual([
      {
        level: 'INFO',
        message: 'outcome',
        service: 'estelam',
        timestamp: matching(/^\d{4}-/),
        ['sampling_rate']: 0,
        ...told,
        status: 401,
        problem: 'expired',
      },
    ]);
    expect(stderr).toEqual([]);
  });

  it('is one line and one object of metrics when there is an inquiry', () => {
    const { stdout, stderr } = observing('INFO', ({ outcome }) => {
      outcome({ ...told, inquiry: facts });
    });
    expect(stdout).toHaveLength(2);
    expect(stdout[0]).toMatchObject({ message: 'outcome', ...told, inquiry: facts });
    const metrics = Metrics.parse(stdout[1]);
    expect(metrics['_aws'].CloudWatchMetrics[0]).toEqual({
      Namespace: 'Estelam',
      Dimensions: [['service', 'agencyService', 'outcome']],
      Metrics: [
        { Name: 'Inquiries', Unit: 'Count' },
        { Name: 'Latency', Unit: 'Milliseconds' },
      ],
    });
    expect(metrics).toEqual({
      ['_aws']: metrics['_aws'],
      service: 'exchange',
      agencyService: facts.service,
      outcome: 'NOT_FOUND',
      Inquiries: 1,
      Latency: 41.25,
    });
    expect(stderr).toEqual([]);
  });

  it.each(['log-behind', 'witness-quorum-lost', 'index-unavailable'])(
    'that refuses because of the operator (%s) is counted for an alarm',
    (problem) => {
      const { stdout } = observing('INFO', ({ outcome }) => {
        outcome({ ...told, status: 503, problem });
      });
      expect(stdout).toHaveLength(2);
      const metrics = Metrics.parse(stdout[1]);
      expect(metrics).toMatchObject({ service: 'exchange', problem, Refusals: 1 });
      expect(metrics['_aws'].CloudWatchMetrics[0]).toMatchObject({
        Dimensions: [['service', 'problem']],
        Metrics: [{ Name: 'Refusals', Unit: 'Count' }],
      });
    },
  );

  it('is counted for the alarm that its refusal names, and not by its problem', () => {
    const { stdout } = observing('INFO', ({ outcome }) => {
      outcome({ ...told, status: 429, problem: 'rate-limited' });
      outcome({ ...told, status: 429, problem: 'rate-limited', alarm: 'refused-reads' });
    });
    expect(stdout).toHaveLength(3);
    expect(Metrics.parse(stdout[2])).toMatchObject({ problem: 'refused-reads', Refusals: 1 });
  });

  it.each(['SubjectSearches', 'Disclosures', 'JournalUnopened'] as const)(
    'that is more than a read is counted: %s',
    (counted) => {
      const { stdout } = observing('INFO', ({ outcome }) => {
        outcome({ ...told, counted });
      });
      expect(stdout).toHaveLength(2);
      const metrics = Metrics.parse(stdout[1]);
      expect(metrics).toMatchObject({ service: 'exchange', [counted]: 1 });
      expect(metrics['_aws'].CloudWatchMetrics[0]).toMatchObject({
        Dimensions: [['service']],
        Metrics: [{ Name: counted, Unit: 'Count' }],
      });
    },
  );

  it('that is several at once is counted as so many', () => {
    const { stdout } = observing('INFO', ({ outcome }) => {
      outcome({ ...told, counted: 'Disclosures', times: 60 });
    });
    expect(Metrics.parse(stdout[1])).toMatchObject({ Disclosures: 60 });
  });

  it('takes no dimension over from the one before it', () => {
    const { stdout } = observing('INFO', ({ outcome, bug }) => {
      outcome({ ...told, inquiry: facts });
      bug(new Error('x'), told);
      outcome({ ...told, inquiry: { ...facts, service: 'post/postal-address@1' } });
    });
    const dimensions = stdout
      .map((line) => Metrics.safeParse(line).data)
      .filter((metrics) => metrics !== undefined)
      .map((metrics) => [
        metrics['_aws'].CloudWatchMetrics[0].Dimensions[0],
        metrics['agencyService'],
      ]);
    expect(dimensions).toEqual([
      [['service', 'agencyService', 'outcome'], 'civil-registry/identity@1'],
      [['service'], undefined],
      [['service', 'agencyService', 'outcome'], 'post/postal-address@1'],
    ]);
  });
});

describe('a bug', () => {
  it('is one line with its stack, and one metric for the alarm', () => {
    const { stdout, stderr } = observing('INFO', ({ bug }) => {
      bug(new TypeError('A stored item lacks the attribute r.'), { requestId: 'r-1', route: 'x' });
    });
    expect(stderr).toEqual([
      containing({
        level: 'ERROR',
        message: 'bug',
        requestId: 'r-1',
        route: 'x',
        error: containing({
          name: 'TypeError',
          message: 'A stored item lacks the attribute r.',
          stack: matching(/observe\.test\.ts/),
        }),
      }),
    ]);
    expect(stdout).toHaveLength(1);
    expect(Metrics.parse(stdout[0])).toMatchObject({ service: 'exchange', Bugs: 1 });
  });

  it('is told also when it is no error', () => {
    const { stderr } = observing('INFO', ({ bug }) => {
      bug('thrown text', { requestId: 'r-1', route: 'x' });
    });
    expect(stderr).toEqual([containing({ error: 'thrown text' })]);
  });
});

describe('a silent observer', () => {
  it('prints nothing at all', () => {
    const { stdout, stderr } = observing('SILENT', ({ outcome, bug }) => {
      outcome({ ...told, inquiry: facts });
      bug(new Error('x'), told);
    });
    expect([stdout, stderr]).toEqual([[], []]);
  });
});
