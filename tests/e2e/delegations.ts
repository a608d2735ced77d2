import { expect } from 'vitest';
import { withInquiry } from '#tests/support/messages.ts';
import { type Asking, till } from './ask.ts';
import { sendCommand } from './commands.ts';
import { nameOf } from './refusal.ts';
import type { Stage } from './stage.ts';

const year = 365 * 86_400_000;

/**
 * Lets somebody ask for a counter; on an exchange that was tested before it may stand already. To be
 * done before anything is asked: an exchange remembers for a minute that there was nothing.
 */
export const letAsk = async (
  stage: Stage,
  to: string,
  {
    counter = till,
    services = [],
  }: { readonly counter?: string; readonly services?: string[] } = {},
): Promise<void> => {
  const now = Date.now();
  const given = { to, services, from: now - 60_000, until: now + year };
  const heard = await sendCommand(stage, counter, { do: 'delegation.give', on: 0, with: given });
  expect(['HTTP 201', 'stale-version']).toContain(nameOf(heard));
};

/** A request that somebody signs for a counter. */
export const askedFor = ({ world }: Stage, by: string, counter = till): Asking => ({
  key: world.keyOf(by),
  claims: withInquiry({ for: counter }),
});
