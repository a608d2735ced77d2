import type { TestKey } from '#tests/support/messages.ts';
import { buildStatement, type SentStatement, type Stated } from '#tests/support/statements.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

/** What a participant states of a day, signed now and sent. */
export const sendStatement = async (
  { wire, world }: Stage,
  key: TestKey,
  stm: Stated,
  bent: Partial<SentStatement> = {},
): Promise<Heard> =>
  wire.send('POST', '/v1/statements', {
    headers: { 'content-type': 'application/jwt' },
    body: await buildStatement(stm, { key, now: Date.now(), origin: world.origin, ...bent }),
  });
