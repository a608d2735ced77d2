import type { JsonObject } from '../kernel/strict-json.ts';
import type { AuditQuery } from './audit-query.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/**
 * What a listing asked for, to be put on record: every page of it has the same, so it holds no cursor.
 * Times are ISO 8601, UTC.
 */
export const filterOf = ({ cursor: _, from, to, ...rest }: AuditQuery): JsonObject =>
  Object.fromEntries(
    Object.entries({ ...rest, from: iso(from), to: iso(to) }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
