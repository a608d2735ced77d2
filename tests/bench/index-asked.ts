import { EntryFilter } from '#shared/audit/index/filter.ts';
import type { FilledIndex } from './index-fill.ts';
import {
  counterOfRank,
  firstDay,
  operatorTagOf,
  provinceOfRank,
  serviceOfRank,
  subjectTagOf,
} from './synthetic-facts.ts';

/** What is looked for in the index of entries. */
export type Asked = { readonly name: string; readonly filter: EntryFilter };

const hour = 3_600_000;

/** Filters as people ask them: common ones, rare ones, scopes, tags, and what there is not. */
export const askedOf = ({ lastId }: FilledIndex): readonly Asked[] => [
  { name: 'everything', filter: {} },
  { name: 'outcome FOUND', filter: { outcome: 'FOUND' } },
  { name: 'busiest counter, FOUND', filter: { counter: counterOfRank(0), outcome: 'FOUND' } },
  { name: 'denied, with a case', filter: { effect: 'deny', hasCase: true } },
  { name: 'scope: a province', filter: { within: [{ province: provinceOfRank(5) }] } },
  { name: 'scope: a small province', filter: { within: [{ province: provinceOfRank(30) }] } },
  {
    name: 'scope: 12 counters and an agency',
    filter: {
      within: [
        ...Array.from({ length: 12 }, (_, n) => ({ counter: counterOfRank(900 + 1000 * n) })),
        { agency: 'agency:office-39' },
      ],
      outcome: 'TIMEOUT',
    },
  },
  {
    name: 'an hour of one agency',
    filter: { agency: 'agency:office-3', from: firstDay + 9 * hour, to: firstDay + 10 * hour },
  },
  { name: 'counter of rank 1,000', filter: { counter: counterOfRank(999) } },
  { name: 'counter of rank 14,000', filter: { counter: counterOfRank(13_999) } },
  {
    name: 'common words that never meet',
    filter: { service: serviceOfRank(150), presence: 'none', outcome: 'TIMEOUT' },
  },
  { name: 'an unknown counter', filter: { counter: 'counter:1' } },
  { name: 'one id', filter: EntryFilter.parse({ id: lastId }) },
  { name: 'a subject’s tag', filter: { subjectTag: subjectTagOf(77) } },
  { name: 'an operator’s tag', filter: { operatorTag: operatorTagOf(400, 1) } },
];
