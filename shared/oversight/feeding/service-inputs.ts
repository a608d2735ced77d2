import { latestTime } from '../../audit/index/entry-facts.ts';
import { trim } from '../../kernel/timed-cache.ts';
import { serviceName } from '../../registry/entry.ts';
import type { ObjectSchema } from '../../registry/json-schema.ts';
import type { RegistryStore } from '../../registry/ports.ts';

/** What the params of a service look like, by its reference; undefined where nobody published it. */
export type ServiceInputs = (service: string) => Promise<ObjectSchema | undefined>;

/** Services that are remembered. */
const mostKept = 2000;

/**
 * Reads input schemas. A published version never changes, so what was found is remembered; what was not
 * may be published yet. Rejects with `store-unavailable`.
 */
export const serviceInputs = ({ asOf }: Pick<RegistryStore, 'asOf'>): ServiceInputs => {
  const kept = new Map<string, ObjectSchema>();
  return async (service) => {
    const known = kept.get(service);
    if (known !== undefined) return known;
    const entry = await asOf(serviceName(service), latestTime);
    if (entry?.kind !== 'service') return undefined;
    kept.set(service, entry.input);
    trim(kept, mostKept);
    return entry.input;
  };
};
