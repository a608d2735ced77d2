import { toRfc3339 } from '../kernel/instant-text.ts';
import { Problem } from '../kernel/problem.ts';
import type { Access } from './access.ts';
import type { Directory } from './directory.ts';
import { requirementsOf } from './requirements.ts';
import type { Service } from './service.ts';

/** A service as everybody may see it: what to send and what comes back, not where it is answered. */
export type CatalogueEntry = Omit<Service, 'endpoint' | 'kind' | 'n' | 'deprecated' | 'retired'> & {
  /** The number of the change that made this version of the entry; the log holds it with its command. */
  readonly change?: number;
  /** Times as ISO 8601, UTC. */
  readonly deprecated?: Ending;
  readonly retired?: Ending;
};

type Ending = { readonly from: string; readonly until?: string; readonly reason: string };

/** What is shown as it stands. */
const plainly = ({
  endpoint: _,
  kind: __,
  n: ___,
  deprecated: ____,
  retired: _____,
  ...rest
}: Service) => rest;

const toEntry = (service: Service): CatalogueEntry => {
  const { deprecated, retired, n } = service;
  return {
    ...plainly(service),
    ...(n !== undefined && { change: n }),
    ...(deprecated !== undefined && {
      deprecated: {
        from: toRfc3339(deprecated.from),
        ...(deprecated.until !== undefined && { until: toRfc3339(deprecated.until) }),
        reason: deprecated.reason,
      },
    }),
    ...(retired !== undefined && {
      retired: { from: toRfc3339(retired.from), reason: retired.reason },
    }),
  };
};

export const listCatalogue = async (
  directory: Pick<Directory, 'services' | 'version'>,
): Promise<object> => {
  const [services, registry] = await Promise.all([directory.services(), directory.version()]);
  return { registry, services: services.map(toEntry) };
};

/**
 * Every version of one service, with what it requires of a caller; `name` is `agency/name` without a
 * version, `aboutAll` finds what an agency decided about everybody.
 */
export const readCatalogue = async (
  directory: Pick<Directory, 'versions' | 'version'>,
  name: string,
  aboutAll: (agency: string) => Promise<Access | undefined>,
): Promise<object> => {
  const [versions, registry] = await Promise.all([directory.versions(name), directory.version()]);
  if (versions.length === 0) throw new Problem('not-found', 'There is no such service.');
  // A service has one owner, whatever its version.
  const everyone = await aboutAll(versions[0]?.agency ?? '');
  const shown = versions.map((service) => ({
    ...toEntry(service),
    requirements: requirementsOf(service, everyone),
  }));
  return { registry, name, versions: shown };
};
