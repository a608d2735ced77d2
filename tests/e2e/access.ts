import { sha256Url } from '#shared/kernel/bytes.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { type AccessParts, buildAccess, withMembers } from '#tests/support/messages.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

/** What is wrong with an access token, when something is. */
export type Bend = Partial<Omit<AccessParts, 'now'>>;

/** An access token of a participant for one read, made now. */
export const accessFor = (
  { world }: Stage,
  participant: string,
  target: string,
  bend: Bend = {},
): Promise<string> =>
  buildAccess({
    key: world.keyOf(participant),
    now: Date.now(),
    audience: world.origin,
    htu: world.origin + target,
    ...bend,
  });

/** Reads an address as a participant. */
export const readAs = async (
  stage: Stage,
  participant: string,
  target: string,
  { accept = 'application/json', ...bend }: Bend & { readonly accept?: string } = {},
): Promise<Heard> => {
  const token = await accessFor(stage, participant, target, bend);
  const headers = { authorization: `Bearer ${token}`, accept };
  return stage.wire.send('GET', target, { headers });
};

/** Posts a question as a participant, under a token that names it. */
export const postAs = async (
  stage: Stage,
  participant: string,
  target: string,
  question: JsonObject,
  more: Readonly<Record<string, string>> = {},
): Promise<Heard> => {
  const body = JSON.stringify(question);
  const claims = withMembers({ body_s256: sha256Url(body) });
  const token = await accessFor(stage, participant, target, { htm: 'POST', claims });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
  return stage.wire.send('POST', target, { headers, body });
};
