import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import { type Connection, jsonOf, type Reading, readText } from './read.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/**
 * Posts a question as JSON and reads the document that answers it: after a lost connection, 429 or 503
 * again under a fresh token, which names the body. Only for what is safe to repeat. Throws as
 * {@link readText} does, and `UntrustedReply` for a body that is no JSON.
 */
export const postJson = async (
  connection: Connection,
  target: string,
  reader: Reading['reader'],
  question: JsonObject,
): Promise<JsonValue> => {
  const text = await readText(connection, {
    target,
    reader,
    proof: 'access-token',
    accept: 'application/json',
    body: JSON.stringify(question),
  });
  const json = jsonOf(text);
  if (json === undefined) throw new UntrustedReply('shape', 'The body is not JSON.');
  return json;
};
