import {
  addKeyCommand,
  buildCommand,
  type Said,
  type SentCommand,
} from '#tests/support/commands.ts';
import { makeKey, type TestKey } from '#tests/support/messages.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

export const registrar = 'registrar:cra';

type Headers = Readonly<Record<string, string>>;

const sender = ({ world }: Stage, key: TestKey): Pick<SentCommand, 'key' | 'now' | 'audience'> => ({
  key,
  now: Date.now(),
  audience: `${world.origin}/v1/commands`,
});

/** A message to `POST /v1/commands`. */
export const postCommand = ({ wire }: Stage, body: string, headers: Headers = {}): Promise<Heard> =>
  wire.send('POST', '/v1/commands', {
    headers: { 'content-type': 'application/jwt', ...headers },
    body,
  });

/** A command of a participant, made and signed now. */
export const sendCommand = async (
  stage: Stage,
  participant: string,
  said: Said,
  headers: Headers = {},
): Promise<Heard> => {
  const by = sender(stage, stage.world.keyOf(participant));
  return postCommand(stage, await buildCommand(said, by), headers);
};

/** The text of a command by which the owner of a key registers one more. */
export const newKeyCommand = async (stage: Stage, key: TestKey): Promise<string> => {
  const by = sender(stage, key);
  return buildCommand(await addKeyCommand(await makeKey('ES256', key.owner), by), by);
};
