import { toRfc3339 } from '../kernel/instant-text.ts';
import { algorithms } from '../message/algorithm.ts';
import { presences, requestFacts } from '../message/claims.ts';
import { kinds } from '../message/kind.ts';
import { subjectSchemas } from '../persian/subject-schema.ts';
import type { Access } from './access.ts';
import { admits, isMeant, limitsOn } from './find-grant.ts';
import { metersOf } from './meters.ts';
import type { Service } from './service.ts';
import { termsOf } from './terms.ts';

/** Quotas that are the same for every counter do not say which. */
const anyCounter = 'counter:any';

/** Who may ask: every licensed counter, or those with a grant, and why. */
const accessTo = (service: Service, everyone: Access | undefined): object => {
  const narrowed = (everyone?.narrowed ?? []).filter(({ target }) => isMeant(target, service));
  if (narrowed.length === 0) return { access: 'open' };
  return {
    access: 'narrowed',
    narrowed: narrowed.map(({ target, justification, from }) => ({
      target,
      justification,
      since: toRfc3339(from),
    })),
  };
};

const endingOf = ({ deprecated, retired }: Service): object => ({
  ...(deprecated !== undefined && {
    deprecatedFrom: toRfc3339(deprecated.from),
    ...(deprecated.until !== undefined && { keptUntil: toRfc3339(deprecated.until) }),
  }),
  ...(retired !== undefined && { retiredFrom: toRfc3339(retired.from) }),
});

/**
 * What a caller must send to a service, and what it gets at most, for machines: public facts only. What
 * the agency decided about everybody is in it already; a grant, and what it decided about one counter,
 * may narrow it further. Sizes in characters, lifetimes in seconds, the time-out in milliseconds.
 */
export const requirementsOf = (service: Service, everyone: Access | undefined): object => {
  const limits = limitsOn({ everyone }, service);
  const { level, fields } = termsOf(service, { limits });
  const { typ, maxSize, maxJws, maxLifetime } = kinds.request;
  return {
    ...accessTo(service, everyone),
    answered: service.status === 'active' && !limits.some(({ stopped }) => stopped),
    ...endingOf(service),
    message: { typ, maxSize, maxSigned: maxJws, maxLifetime, algorithms, facts: requestFacts },
    purposes: service.purposes.filter((one) => limits.every((limit) => admits(limit, one))),
    bases: service.bases ?? 'any',
    presences,
    subject: { type: service.subjectType, value: subjectSchemas[service.subjectType] },
    params: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...service.input },
    level,
    fields,
    quotas: metersOf(service, { counter: anyCounter, everyone }).map(({ name, per, most }) => ({
      name,
      per,
      most,
    })),
    timeout: service.timeout,
    hold: service.hold,
  };
};
