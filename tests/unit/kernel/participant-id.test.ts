import { describe, expect, it } from 'vitest';
import { roleOf, roles } from '#shared/kernel/participant-id.ts';

describe('roleOf', () => {
  it.each(roles)('a %s is one', (role) => {
    expect(roleOf(`${role}:72110345`)).toBe(role);
  });

  it('takes names of up to 52 characters', () => {
    expect(roleOf(`counter:${'a'.repeat(52)}`)).toBe('counter');
    expect(roleOf(`counter:${'a'.repeat(53)}`)).toBeUndefined();
  });

  it.each([
    'counter',
    'counter:',
    'counter:-a',
    'Counter:a',
    'citizen:a',
    'counter:a\n',
    ' counter:a',
  ])('%j is no participant', (id) => {
    expect(roleOf(id)).toBeUndefined();
  });
});
