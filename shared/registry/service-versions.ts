import type { RegistryStore } from './ports.ts';
import type { Service } from './service.ts';

/** Versions that are read at once: hardly a service has more, and what comes behind it is read in vain. */
const atOnce = 4;

/** Every version of `agency/name`, in the order of the references; none when there is no such service. */
export const readVersions = async (
  store: Pick<RegistryStore, 'list'>,
  name: string,
): Promise<readonly Service[]> => {
  const prefix = `${name}@`;
  const found: Service[] = [];
  for (let after = prefix; ; ) {
    const { entries, more } = await store.list('service', { after, limit: atOnce });
    const services = entries.filter((entry) => entry.kind === 'service');
    const fitting = services.filter(({ ref }) => ref.startsWith(prefix));
    found.push(...fitting);
    const last = fitting.at(-1);
    if (!more || last === undefined || fitting.length < services.length) return found;
    after = last.ref;
  }
};
