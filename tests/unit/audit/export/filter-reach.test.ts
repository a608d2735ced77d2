import { describe, expect, it } from 'vitest';
import { ExportFilter, type ExportScope } from '#shared/audit/export/export-filter.ts';
import { type Reach, reachOf } from '#shared/audit/export/filter-reach.ts';

const one = 'counter:1';
const police = 'agency:police';
const pinned = (
  name: 'counter' | 'agency' | 'by' | 'service' | 'outcome',
  ...values: string[]
) => ({
  name,
  values,
});

describe('how far a filter reaches', () => {
  it.each<readonly [string, ExportFilter, readonly ExportScope[] | undefined, Reach]>([
    ['nothing', {}, undefined, { only: 'all', keys: [] }],
    ['a time', { from: '2027-01-15T07:00:00.000Z' }, undefined, { only: 'all', keys: [] }],
    [
      'one word',
      { counter: one },
      undefined,
      { only: pinned('counter', one), keys: ['counter counter:1'] },
    ],
    [
      'two values',
      { outcome: ['DENIED', 'FOUND'] },
      undefined,
      { only: pinned('outcome', 'DENIED', 'FOUND'), keys: ['outcome DENIED', 'outcome FOUND'] },
    ],
    [
      'two words',
      { counter: one, agency: police },
      undefined,
      { only: undefined, keys: ['agency agency:police', 'counter counter:1'] },
    ],
    [
      'who asked',
      { by: 'vendor:rayan' },
      undefined,
      { only: pinned('by', 'vendor:rayan'), keys: [] },
    ],
    [
      'a service of any version',
      { service: 'police/vehicle' },
      undefined,
      { only: pinned('service', 'police/vehicle'), keys: [] },
    ],
    [
      'a province',
      { province: 'یزد', counter: one },
      undefined,
      { only: undefined, keys: ['counter counter:1'] },
    ],
    [
      'an id',
      ExportFilter.parse({ id: '01a9b4a5-3800-7abc-9def-0123456789ab' }),
      undefined,
      { only: undefined, keys: [] },
    ],
    [
      'a scope of counters',
      {},
      [{ counter: 'counter:2' }, { counter: one }],
      {
        only: pinned('counter', one, 'counter:2'),
        keys: [],
      },
    ],
    [
      'a counter of a scope',
      { counter: ['counter:1', 'counter:3'] },
      [{ counter: 'counter:2' }, { counter: one }],
      { only: pinned('counter', one), keys: [] },
    ],
    [
      'a counter, to an agency',
      { counter: one },
      [{ agency: police }],
      { only: undefined, keys: [] },
    ],
    ['a mixed scope', {}, [{ counter: one }, { agency: police }], { only: undefined, keys: [] }],
    ['a narrow scope', {}, [{ counter: one, agency: police }], { only: undefined, keys: [] }],
    ['a province as scope', { counter: one }, [{ province: 'یزد' }], { only: undefined, keys: [] }],
  ])('is told for %s', (_, filter, scope, wanted) => {
    expect(reachOf({ filter, scope })).toEqual(wanted);
  });
});
