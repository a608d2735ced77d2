import type { Receiver } from '#shared/message/receive.ts';
import {
  clockAt,
  directoryOf,
  makeKey,
  registered,
  testAudience,
  testNow,
} from '#tests/support/messages.ts';
import type { HostileContext, Token } from './row.ts';

/** The corpus's context with nothing running: its keys in a directory, a clock that stands still. */
export const standingContext = async (): Promise<{
  readonly context: HostileContext;
  readonly receiver: Receiver;
}> => {
  const key = await makeKey('ES256');
  const edKey = await makeKey('Ed25519');
  const revoked = await makeKey('ES256');
  const agency = await makeKey('ES256', 'agency:civil-registry');
  const unregistered = await makeKey('ES256');
  const keyOf = directoryOf([
    await registered(key),
    await registered(edKey),
    await registered(revoked, { status: 'revoked' }),
    await registered(agency),
  ]);
  return {
    context: { key, edKey, revoked, agency, unregistered, now: testNow, audience: testAudience },
    receiver: { audience: testAudience, keyOf, now: clockAt(testNow) },
  };
};

/** The text that a handler sees; unlike TextDecoder, this keeps a byte order mark. */
export const textOf = (token: Token): string =>
  typeof token === 'string' ? token : Buffer.from(token.body).toString('utf8');
