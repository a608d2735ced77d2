/** Proofs of possession for tests, honest by default. */
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { kinds } from '#shared/message/kind.ts';
import {
  buildMessage,
  newJti,
  type Overrides,
  type TestKey,
  testNow,
} from '#tests/support/messages.ts';
import { commandId, commandsUrl } from './planning.ts';

/** Of a key that is to belong to its owner, for the command of {@link commandId}. */
export const buildProof = (
  key: TestKey,
  claims: JsonObject = {},
  overrides: Overrides = {},
): Promise<string> => {
  const iat = Math.floor(testNow / 1000);
  return buildMessage({
    ...overrides,
    key,
    kind: kinds.keyProof,
    base: {
      iss: key.owner,
      aud: commandsUrl,
      iat,
      exp: iat + 60,
      jti: newJti(),
      cmd_id: commandId,
      ...claims,
    },
  });
};
