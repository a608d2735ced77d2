import { describe, expect, it } from 'vitest';
import { Code } from '#shared/message/claims.ts';
import { kinds } from '#shared/message/kind.ts';
import { commands } from '#shared/registry/commands/index.ts';

/** Who may send which: the whole of it, written down once more. */
const senders = {
  'registry.begin': ['registrar'],
  'participant.register': ['registrar'],
  'participant.rename': ['registrar'],
  'participant.suspend': ['registrar'],
  'participant.reinstate': ['registrar'],
  'participant.leave': ['registrar'],
  'licence.issue': ['registrar'],
  'licence.renew': ['registrar'],
  'licence.suspend': ['registrar'],
  'licence.reinstate': ['registrar'],
  'licence.revoke': ['registrar'],
  'auditor.scope': ['registrar'],
  'key.add': ['agency', 'counter', 'registrar'],
  'key.revoke': ['agency', 'counter', 'registrar'],
  'service.publish': ['agency'],
  'service.move': ['agency'],
  'service.deprecate': ['agency'],
  'service.retire': ['agency'],
  'access.narrow': ['agency'],
  'access.open': ['agency'],
  'grant.request': ['counter'],
  'grant.give': ['agency'],
  'grant.approve': ['agency'],
  'grant.suspend': ['agency'],
  'grant.reinstate': ['agency'],
  'grant.revoke': ['agency'],
  'limit.set': ['agency'],
  'limit.lift': ['agency'],
  'delegation.give': ['counter'],
  'delegation.revoke': ['counter'],
};

describe('the commands of the registry', () => {
  it('are these, each for these roles', () => {
    const table = [...commands].map(([name, command]) => [name, command.senders.toSorted()]);
    expect(Object.fromEntries(table)).toEqual(senders);
  });

  it.each([...commands])(
    '%s has a name that a message can carry, for roles that send',
    (...pair) => {
      const [name, command] = pair;
      const admitted: readonly string[] = kinds.command.senders;
      expect(Code.safeParse(name).success).toBe(true);
      expect(command.senders.length).toBeGreaterThan(0);
      expect(command.senders.filter((role) => !admitted.includes(role))).toEqual([]);
    },
  );

  it.each([...commands])('%s takes nothing that it does not know', (_, command) => {
    expect(() => command.prepare({ surplus: true })).toThrow('invalid-claims');
  });
});
