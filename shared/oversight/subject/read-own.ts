import type { TaggedSubject } from '../tags.ts';
import type { AccessesQuery, UsageQuery } from './own-query.ts';
import { type AccessReading, readAccesses } from './read-accesses.ts';
import type { Tongue } from './shown-access.ts';
import { findUsage } from './usage-response.ts';

/** What a person asked about itself, in the form that it asked for. */
export const readOwn =
  (reading: AccessReading) =>
  async (
    person: TaggedSubject,
    query: AccessesQuery | UsageQuery,
    tongue: Tongue,
  ): Promise<object> =>
    'format' in query
      ? findUsage(reading)(person, query, tongue)
      : readAccesses(reading)(person, query, tongue);
