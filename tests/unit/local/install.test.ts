import { describe, expect, it } from 'vitest';
import { reasonToInstall } from '#infra/local/bin/install.mjs';

const lock = (packages: Record<string, object>) => ({
  packages: { '': { version: '0.1.0' }, ...packages },
});

const zod = { version: '4.6.7', integrity: 'sha512-a' };
const wanted = lock({ 'node_modules/zod': zod });

describe('whether npm ci has to run', () => {
  it('has no reason when everything is there as it is locked', () => {
    expect(reasonToInstall(wanted, lock({ 'node_modules/zod': zod }))).toBeUndefined();
  });

  it('has one when nothing was ever installed', () => {
    expect(reasonToInstall(wanted, undefined)).toBe('the dependencies are not installed yet');
  });

  it('has one when a package is missing', () => {
    expect(reasonToInstall(wanted, lock({}))).toBe('zod 4.6.7 is missing');
  });

  it('has one when a package is of another version', () => {
    const older = lock({ 'node_modules/zod': { ...zod, version: '4.6.6' } });
    expect(reasonToInstall(wanted, older)).toBe('zod is 4.6.6, the lock file says 4.6.7');
  });

  it('has one when a package of the same version has another content', () => {
    const other = lock({ 'node_modules/zod': { ...zod, integrity: 'sha512-b' } });
    expect(reasonToInstall(wanted, other)).toBe(
      'zod 4.6.7 has another content than the lock file says',
    );
  });

  it('has none when a package for another platform is missing', () => {
    const optional = lock({ 'node_modules/fsevents': { version: '2.3.3', optional: true } });
    expect(reasonToInstall(optional, lock({}))).toBeUndefined();
  });

  it('has none when more is there than is locked', () => {
    const more = lock({ 'node_modules/zod': zod, 'node_modules/left-pad': { version: '1.3.0' } });
    expect(reasonToInstall(wanted, more)).toBeUndefined();
  });
});
