/** What stands between an agency and its counters, for tests of the commands that change it. */
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { Access } from '#shared/registry/access.ts';
import { accessCommands } from '#shared/registry/commands/access.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { testNow as now } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import { day, outcomeOf, plan, senderOf } from './planning.ts';

export const agency = 'agency:civil-registry';
export const holder = 'counter:72110345';
export const reason = 'برای بررسی';
export const target = 'life-status';
export const people: readonly RegistryEntry[] = [agencyOf(agency), counterOf(holder)];

/** The same id for the same time. */
export const idAt = (milliseconds: number): InquiryId =>
  newId(milliseconds, (length) => new Uint8Array(length));

/** A grant that holds from a day before now to a day after it. */
export const grantOf = (change: JsonObject = {}): JsonObject => ({
  id: idAt(now - 2 * day),
  target,
  status: 'active',
  from: now - day,
  until: now + day,
  ...change,
});

export const limitOf = (change: JsonObject = {}): JsonObject => ({
  target,
  stopped: true,
  reason,
  ...change,
});

export const accessOf = (change: JsonObject = {}): Access =>
  Access.parse({
    kind: 'access',
    agency,
    holder,
    grants: [],
    limits: [],
    narrowed: [],
    version: 3,
    ...change,
  });

export const planAccess = (
  name: string,
  standing: readonly RegistryEntry[],
  content: JsonObject,
  by = senderOf(agency),
) => plan(accessCommands, name, content, standing, by);

/** The one entry that a command makes. */
export const accessBy = async (...command: Parameters<typeof planAccess>): Promise<Access> => {
  const [entry, ...others] = await planAccess(...command);
  if (entry?.kind !== 'access' || others.length > 0) throw new Error('Another entry changed.');
  return entry;
};

export const verdictOf = (...command: Parameters<typeof planAccess>): Promise<string> =>
  outcomeOf(planAccess(...command).then(() => 'done'));
