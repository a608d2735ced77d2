import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { delegationCommands } from '#shared/registry/commands/delegations.ts';
import { fiveYears } from '#shared/registry/commands/periods.ts';
import { Delegation } from '#shared/registry/delegation.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testNow as now } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { after, day, outcomeOf, plan, planOrNothing, senderOf } from './planning.ts';

const counter = 'counter:72110345';
const to = 'guild:tehran';
const reason = 'قرارداد پایان یافت';
const names = ['give', 'revoke'] as const;
type Name = (typeof names)[number];

const period = { from: now, until: now + 365 * day };
const contents: Readonly<Record<Name, JsonObject>> = {
  give: { to, services: ['civil-registry/identity'], ...period },
  revoke: { to, reason },
};

const run = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senderOf(counter),
) => plan(delegationCommands, `delegation.${name}`, { ...contents[name], ...change }, standing, by);

const verdict = (...command: Parameters<typeof run>): Promise<string> =>
  outcomeOf(run(...command).then(() => 'done'));

const delegate = agencyOf(to);
const delegation = (change: JsonObject = {}): Delegation =>
  Delegation.parse({
    kind: 'delegation',
    counter,
    delegate: to,
    status: 'active',
    services: [],
    from: now - day,
    until: now + day,
    version: 4,
    ...change,
  });

const states: Readonly<Record<string, readonly RegistryEntry[]>> = {
  none: [delegate],
  active: [delegate, delegation()],
  'not begun': [delegate, delegation({ from: now + 1 })],
  over: [delegate, delegation({ until: now })],
  revoked: [delegate, delegation({ status: 'revoked' })],
};

/** Commands by row, states by column. */
const table: Readonly<Record<Name, readonly string[]>> = {
  give: ['done', 'no', 'no', 'done', 'done'],
  revoke: ['no', 'done', 'done', 'done', 'no'],
};

describe('a delegation', () => {
  it.each(names)('.%s is decided by what stands', async (name) => {
    for (const [place, [state, standing]] of Object.entries(states).entries()) {
      const expected = table[name][place] === 'done' ? 'done' : 'command-refused';
      expect(`${state}: ${await verdict(name, standing)}`).toBe(`${state}: ${expected}`);
    }
  });

  it.each(names)('.%s is for counters only, each for itself', async (name) => {
    const standing = name === 'give' ? [delegate] : [delegate, delegation()];
    for (const role of roles.filter((one) => one !== 'counter')) {
      expect(await verdict(name, standing, {}, senderOf(`${role}:72110345`))).toBe('wrong-role');
    }
    expect(await verdict('revoke', standing, {}, senderOf('counter:72110346'))).toBe(
      'command-refused',
    );
  });

  it('is put on record whole', async () => {
    expect(await run('give', [delegate])).toEqual(
      [
        {
          kind: 'delegation',
          counter,
          delegate: to,
          status: 'active',
          ...contents.give,
          version: 1,
        },
      ].map(({ to: _, ...entry }: JsonObject) => entry),
    );
    const standing = delegation({ status: 'revoked', reason });
    const [given] = await run('give', [delegate, standing], { services: [] });
    expect(given).toMatchObject({ services: [], version: 5 });
    expect(given).not.toHaveProperty('reason');
    expect(await run('revoke', [delegation()])).toEqual([
      { ...delegation(), status: 'revoked', reason, version: 5 },
    ]);
  });

  it.each<readonly [string, JsonObject, string]>([
    ['the end before the beginning', { until: now - day, from: now }, '/until'],
    ['an end that is the beginning', { from: now + day, until: now + day }, '/until'],
    ['an end that is now', { from: now - 1, until: now }, '/until'],
    ['more than five years', { until: now + fiveYears + 1 }, '/until'],
    [
      'another beginning than soon',
      { from: now + fiveYears + 1, until: now + fiveYears + 2 },
      '/until',
    ],
    ['a service with its version', { services: ['civil-registry/identity@1'] }, '/services/0'],
    ['a service twice', { services: ['a1/b1', 'a1/b1'] }, '/services'],
    ['no services named', { services: null }, '/services'],
    ['a counter as its delegate', { to: 'counter:72110346' }, '/to'],
    ['an agency as its delegate', { to: 'agency:post' }, '/to'],
  ])('refuses %s', async (_, change, pointer) => {
    expect(await verdict('give', [delegate], change)).toBe(`invalid-claims /cmd/with${pointer}`);
  });

  it('takes five years, and a vendor', async () => {
    expect(await verdict('give', [delegate], { until: now + fiveYears })).toBe('done');
    expect(await verdict('give', [agencyOf('vendor:pars')], { to: 'vendor:pars' })).toBe('done');
  });

  it('needs a delegate that is there and active', async () => {
    expect(await verdict('give', [])).toBe('command-refused');
    for (const status of ['suspended', 'left']) {
      expect(await verdict('give', [agencyOf(to, { status })])).toBe('command-refused');
    }
  });

  it('wants a reason without a number to be revoked', async () => {
    const said = await verdict('revoke', [delegation()], { reason: 'code 0499370899' });
    expect(said).toBe('invalid-claims /cmd/with/reason');
    expect(await verdict('revoke', [delegation()], { note: 'x' })).toMatch(/^invalid-claims/);
  });

  it('never stands twice at a time, and ends only by its counter or by time', async () => {
    const step = fc.record({
      name: fc.constantFrom(...names),
      sender: fc.constantFrom(counter, 'counter:72110346', to),
      wait: fc.constantFrom(0, 1, day),
      length: fc.integer({ min: -1, max: 3 * day }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let standing: readonly RegistryEntry[] = [delegate];
        let time = now;
        for (const { name, sender, wait, length } of steps) {
          time += wait;
          const change = name === 'give' ? { from: time, until: time + length } : {};
          const sent = { ...contents[name], ...change };
          const by = senderOf(sender, { now: time });
          const kind = `delegation.${name}`;
          const planned = await planOrNothing(delegationCommands, kind, sent, standing, by);
          for (const entry of planned) {
            if (entry.kind !== 'delegation') throw new Error('Another entry changed.');
            expect(entry.counter).toBe(sender);
            const before = standing.find(
              (one) => one.kind === 'delegation' && one.counter === sender,
            );
            const wasLive =
              before?.kind === 'delegation' && before.status === 'active' && time < before.until;
            const wasActive = before?.kind === 'delegation' && before.status === 'active';
            expect(name === 'give' ? !wasLive : wasActive).toBe(true);
          }
          standing = after(standing, planned);
        }
        expect(standing.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 200 },
    );
  });
});
