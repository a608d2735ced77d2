import * as z from 'zod';
import type { InquiryId } from '../kernel/id.ts';
import type { JsonValue } from '../kernel/strict-json.ts';
import { type Connection, jsonOf, send } from './read.ts';
import { type ReceivedProblem, readProblem } from './received-problem.ts';
import { isPassing, pauseBefore } from './retry.ts';
import { targetOf } from './route.ts';
import { type DraftedCommand, signCommand } from './sign-command.ts';
import type { Asker } from './sign-request.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const Effect = z.looseObject({
  /** The number of the change: its leaf in the log has it too. */
  n: z.int().min(1),
  /** Milliseconds since 1970. */
  t: z.int().min(0),
  entries: z.array(z.looseObject({ kind: z.string(), key: z.string(), version: z.int().min(1) })),
  /** Whether it had taken effect before, by an earlier try. */
  repeated: z.boolean(),
});

/** What became of a command. */
export type CommandResult = { readonly id: InquiryId } & (
  | ({ readonly kind: 'done' } & z.infer<typeof Effect>)
  | { readonly kind: 'refused'; readonly problem: ReceivedProblem }
  /** No whole answer came back: send the same command, with its id, to learn what became of it. */
  | { readonly kind: 'lost'; readonly cause: unknown }
);

const readEffect = (json: JsonValue | undefined): z.infer<typeof Effect> => {
  const parsed = Effect.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UntrustedReply('shape', 'The body does not say what the command came to.');
};

/**
 * Sends a command until it is settled: after a lost connection, 429 or 503 again under the same id and
 * a fresh `jti`, so that it takes effect once. Throws `UntrustedReply` for a body of another shape.
 */
export const sendCommand = async (
  command: DraftedCommand,
  connection: Connection,
  asker: Asker,
): Promise<CommandResult> => {
  const { id } = command;
  for (let tried = 1; ; tried += 1) {
    const got = await send(connection, 'POST', targetOf('runCommand', {}), {
      headers: { 'content-type': 'application/jwt', accept: 'application/json' },
      body: await signCommand(command, asker),
    });
    const passing = got.reply === undefined || isPassing(got.reply.status, undefined);
    const pause = passing ? pauseBefore(tried, got.reply, asker) : undefined;
    if (pause !== undefined) {
      await connection.wait(pause);
    } else if (got.reply === undefined) {
      return { id, kind: 'lost', cause: got.cause };
    } else if (got.reply.status === 200 || got.reply.status === 201) {
      return { id, kind: 'done', ...readEffect(jsonOf(got.text)) };
    } else {
      const { problem } = readProblem(got.reply.status, jsonOf(got.text));
      return { id, kind: 'refused', problem };
    }
  }
};
