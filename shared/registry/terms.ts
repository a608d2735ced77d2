import type { InquiryId } from '../kernel/id.ts';
import { Level } from '../message/claims.ts';
import type { Grant, Limit } from './access.ts';
import { namesOf, type ObjectSchema } from './json-schema.ts';
import type { Meter } from './meters.ts';
import type { Service } from './service.ts';

/** What an allowed inquiry may be answered with; never more than its service gives. */
export type Terms = {
  readonly level: Level;
  /** The result fields that are passed on; none at the level `verify`. */
  readonly fields: readonly string[];
  /** The grant that it is allowed by; an open service needs none. */
  readonly grant?: InquiryId;
  /** What it is counted on. */
  readonly quotas: readonly Meter[];
};

/** What narrows a service for a counter. */
type Narrowed = {
  readonly grant?: Grant | undefined;
  readonly limits: readonly Limit[];
  readonly quotas?: readonly Meter[];
};

type Bound = Pick<Grant | Limit, 'level' | 'fields'>;

/** The levels, from the one that discloses the least. */
const levels = Level.options;

const least = (level: Level, bounds: readonly Bound[]): Level => {
  const named = [level, ...bounds.flatMap((bound) => bound.level ?? [])];
  return levels.find((one) => named.includes(one)) ?? level;
};

/** What a service gives: all of it, or what a grant and limits leave of it. */
export const termsOf = (
  service: Service,
  { grant, limits, quotas = [] }: Narrowed = { limits: [] },
): Terms => {
  const bounds: readonly Bound[] = grant === undefined ? limits : [grant, ...limits];
  const level = least(service.level, bounds);
  const isLeft = (field: string): boolean =>
    bounds.every(({ fields }) => fields === undefined || fields.includes(field));
  return {
    level,
    fields: level === 'verify' ? [] : service.fields.filter(isLeft),
    ...(grant !== undefined && { grant: grant.id }),
    quotas,
  };
};

/**
 * What the disclosures of an answer, put together, must look like under these terms: as the service
 * says, without the fields that the terms leave out. Below the service's own level nothing is required,
 * and at `match` every field is yes or no.
 */
export const outputUnder = (
  { level, fields }: Pick<Terms, 'level' | 'fields'>,
  { level: own, fields: passed, output }: Pick<Service, 'level' | 'fields' | 'output'>,
): ObjectSchema => {
  if (level !== own) {
    const one = level === 'match' ? { type: 'boolean' } : {};
    const properties = Object.fromEntries(namesOf(output).map((name) => [name, one]));
    return { type: 'object', properties, required: [], additionalProperties: false };
  }
  const required = output.required.filter(
    (name) => level === 'verify' || fields.includes(name) || !passed.includes(name),
  );
  return required.length === output.required.length ? output : { ...output, required };
};
