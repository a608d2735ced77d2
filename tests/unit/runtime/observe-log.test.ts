import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogObserver, logObserver } from '#functions/runtime/log/observe-log.ts';
import { FeedStopped } from '#shared/audit/published-leaves.ts';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { containing, matching } from './matching.ts';

let printed = '';

const catchStream = (name: 'stdout' | 'stderr'): void => {
  vi.spyOn(process[name], 'write').mockImplementation((text) => {
    printed += text.toString();
    return true;
  });
};

const observing = (level: 'INFO' | 'SILENT', use: (observe: LogObserver) => void) => {
  use(logObserver({ LOG_LEVEL: level }));
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
};

/** An object of the embedded metric format with one metric in it. */
const metricOf = (name: string, unit: string, sets: readonly (readonly string[])[], rest: object) =>
  containing({
    ['_aws']: containing({
      CloudWatchMetrics: [
        { Namespace: 'Estelam', Dimensions: sets, Metrics: [{ Name: name, Unit: unit }] },
      ],
    }),
    service: 'log',
    ...rest,
  });

/** What JSON.parse says of a text that must not be told. */
const parseFailure = (): unknown => {
  try {
    return JSON.parse('secret');
  } catch (error) {
    return error;
  }
};

beforeEach(() => {
  printed = '';
  catchStream('stdout');
  catchStream('stderr');
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a metric of the log', () => {
  it('is told for all together and by its dimensions', () => {
    const lines = observing('INFO', ({ metric }) => metric('SequencingLag', 25, { shard: '3' }));
    expect(lines).toEqual([
      metricOf('SequencingLag', 'Seconds', [['service'], ['service', 'shard']], {
        shard: '3',
        SequencingLag: 25,
      }),
    ]);
  });

  it('takes no dimension over from the one before it', () => {
    const lines = observing('INFO', ({ metric }) => {
      metric('WitnessFailures', 1, { witness: 'w', result: 'no-answer' });
      metric('SignerRefused', 1);
    });
    expect(lines[1]).toEqual(metricOf('SignerRefused', 'Count', [['service']], {}));
    expect(lines[1]).not.toHaveProperty('witness');
  });
});

describe('a failure', () => {
  it('of a log that stopped is an error line and a metric, each time', () => {
    const lines = observing('INFO', ({ failure }) => {
      const cause = parseFailure();
      failure(new LogStopped('journal-damaged', 2, { cause }), { shard: 2 });
      failure(new LogStopped('journal-damaged', 2), { shard: 2 });
    });
    const reason = 'journal-damaged';
    const line = containing({ level: 'ERROR', message: 'log-stopped', shard: 2, reason });
    const metric = metricOf('LogStopped', 'Count', [['service'], ['service', 'reason']], {
      reason,
      LogStopped: 1,
    });
    expect(lines).toHaveLength(4);
    expect(lines.filter((_, n) => n % 2 === 0)).toEqual([line, line]);
    expect(lines.filter((_, n) => n % 2 === 1)).toEqual([metric, metric]);
    expect(printed).not.toContain('secret');
  });

  it('that is a problem is one warning with its code, and the code of its cause', () => {
    const cause = Object.assign(new Error('secret'), { code: 'ThrottlingException' });
    const lines = observing('INFO', ({ failure }) => {
      failure(new Problem('store-unavailable', 'x', {}, { cause }), { shard: 0 });
    });
    expect(lines).toEqual([
      containing({
        level: 'WARN',
        message: 'problem',
        shard: 0,
        problem: 'store-unavailable',
        cause: 'ThrottlingException',
      }),
    ]);
    expect(printed).not.toContain('secret');
  });

  it('that is a bug is one error line that says where, and a metric', () => {
    const lines = observing('INFO', ({ failure }) => {
      failure(new FeedStopped('Bundle 1 cannot be read.', { cause: parseFailure() }), {});
    });
    expect(lines).toEqual([
      containing({
        level: 'ERROR',
        message: 'bug',
        error: 'FeedStopped',
        reason: 'Bundle 1 cannot be read.',
        cause: 'SyntaxError',
        stack: matching(/observe-log\.test\.ts/),
      }),
      metricOf('Bugs', 'Count', [['service']], { Bugs: 1 }),
    ]);
    expect(printed).not.toContain('secret');
  });

  it('of a parser is not told in its own words, which quote what it met', () => {
    const [line] = observing('INFO', ({ failure }) => failure(parseFailure(), { shard: 0 }));
    expect(line).toEqual(containing({ message: 'bug', error: 'SyntaxError', shard: 0 }));
    expect(printed).not.toContain('secret');
  });

  it('is told also when it is no error', () => {
    const [line] = observing('INFO', ({ failure }) => failure('secret', {}));
    expect(line).toEqual(containing({ message: 'bug', error: 'string' }));
    expect(printed).not.toContain('secret');
  });
});

it('an observer that is silent says nothing', () => {
  const lines = observing('SILENT', ({ event, metric, failure }) => {
    event('sequenced', { shard: 0 });
    metric('LogSize', 1);
    failure(new LogStopped('tile-differs', 0), {});
    failure(new TypeError('x'), {});
  });
  expect(lines).toEqual([]);
});
