import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import type { Service } from './service.ts';

/** A service as everybody may see it: what to send and what comes back, not where it is answered. */
export type CatalogueEntry = Omit<Service, 'endpoint' | 'kind' | 'version'>;

const toEntry = ({ endpoint: _, kind: __, version: ___, ...rest }: Service): CatalogueEntry => rest;

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
