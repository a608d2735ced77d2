import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import type { Service } from './service.ts';

/** A service as everybody may see it: what to send and what comes back, not where it is answered. */
export type CatalogueEntry = Omit<
  Service,
  'endpoint' | 'kind' | 'version' | 'n' | 'deprecated' | 'retired'
> & {
  /** Times as ISO 8601, UTC. */
  readonly deprecated?: Ending;
  readonly retired?: Ending;
};

type Ending = { readonly from: string; readonly until?: string; readonly reason: string };

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** What is shown as it stands. */
const plainly = ({
  endpoint: _,
  kind: __,
  version: ___,
  n: ____,
  deprecated: _____,
  retired: ______,
  ...rest
}: Service) => rest;

const toEntry = (service: Service): CatalogueEntry => {
  const { deprecated, retired } = service;
  return {
    ...plainly(service),
    ...(deprecated !== undefined && {
      deprecated: {
        from: iso(deprecated.from),
        ...(deprecated.until !== undefined && { until: iso(deprecated.until) }),
        reason: deprecated.reason,
      },
    }),
    ...(retired !== undefined && {
      retired: { from: iso(retired.from), reason: retired.reason },
    }),
  };
};

export const listCatalogue = async (
  directory: Pick<Directory, 'services' | 'version'>,
): Promise<object> => {
  const [services, registry] = await Promise.all([directory.services(), directory.version()]);
  return { registry, services: services.map(toEntry) };
};

/** Every version of one service; `name` is `agency/name` without a version. */
export const readCatalogue = async (
  directory: Pick<Directory, 'services' | 'version'>,
  name: string,
): Promise<object> => {
  const [services, registry] = await Promise.all([directory.services(), directory.version()]);
  const versions = services.filter(({ ref }) => ref.split('@', 1)[0] === name);
  if (versions.length === 0) throw new Problem('not-found', 'There is no such service.');
  return { registry, name, versions: versions.map(toEntry) };
};
