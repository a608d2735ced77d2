import { describe, expect, it } from 'vitest';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { sampleServices } from '#tests/support/registry.ts';

const [service] = sampleServices;
const ref = service?.ref ?? '';

describe('the input schema of a service', () => {
  it('is that of the version which is named, and is asked for once', async () => {
    const registry = memoryRegistryStore(sampleServices);
    const inputs = serviceInputs(registry.store);
    expect(await inputs(ref)).toEqual(service?.input);
    expect(await inputs(ref)).toEqual(service?.input);
    expect(registry.faults.calls('asOf')).toBe(1);
  });

  it('is none of a service that nobody published, which is asked for again: it may be by then', async () => {
    const registry = memoryRegistryStore(sampleServices);
    const inputs = serviceInputs(registry.store);
    expect(await inputs('police/none@1')).toBeUndefined();
    expect(await inputs('police/none@1')).toBeUndefined();
    expect(registry.faults.calls('asOf')).toBe(2);
  });

  it('is not taken for none where the registry does not answer', async () => {
    const registry = memoryRegistryStore(sampleServices);
    const inputs = serviceInputs(registry.store);
    registry.faults.breakCall('asOf', 'not-persisted');
    await expect(inputs(ref)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await inputs(ref)).toEqual(service?.input);
  });
});
