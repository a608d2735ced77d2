import { EntryFilter } from '../../audit/index/filter.ts';
import { agencyOf } from '../../audit/read-inquiry.ts';
import type { Narrowed, Scope } from '../../registry/scope.ts';
import type { EntryQuery } from './entry-query.ts';

/** The scopes as the index takes them; undefined for everything. */
const withinOf = (scopes: readonly Scope[]): readonly object[] | undefined => {
  const parts = scopes.flatMap((scope) =>
    scope.kind === 'all' ? [] : [{ [scope.kind]: scope.value }],
  );
  return parts.length < scopes.length ? undefined : parts;
};

const words = [
  'counter',
  'by',
  'service',
  'purpose',
  'basis',
  'station',
  'presence',
  'effect',
  'rule',
  'outcome',
  'province',
  'hasCase',
] as const;

/** Which entries of the index a query means; those that are earlier than `until` only. */
export const indexFilter = (
  { from, to, operator, within, ...query }: Narrowed<EntryQuery>,
  until: number,
): EntryFilter => {
  const { service } = query;
  // Whose a service is, the index can skip by; which version of it, it cannot.
  const agency = query.agency ?? (service === undefined ? undefined : agencyOf(service));
  const named = {
    ...Object.fromEntries(words.map((name) => [name, query[name]])),
    agency,
    operatorTag: operator,
    within: withinOf(within),
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return EntryFilter.parse({ from, to: Math.min(to, until), ...Object.fromEntries(given) });
};
