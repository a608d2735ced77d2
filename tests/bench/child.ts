import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** What a process of a bench says over IPC, besides its own messages. */
const Failure = z.object({ failed: z.string() });

/** A Node.js process that works for a bench and answers one message with one message. */
export type Child = {
  readonly pid: number;
  /** The next message, as `schema` reads it. Rejects when the process fails or ends. */
  readonly hear: <Message>(schema: z.ZodType<Message>) => Promise<Message>;
  readonly ask: <Message>(question: object, schema: z.ZodType<Message>) => Promise<Message>;
  readonly close: () => Promise<void>;
};

export type ChildOptions = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** Where its standard output goes; nowhere when nothing is said. */
  readonly output?: string;
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const forced = new AbortController();
  const force = wait(5000, undefined, { signal: forced.signal }).then(() => child.kill('SIGKILL'));
  await gone;
  forced.abort();
  await force.catch(() => undefined);
};

/** Starts a file of this repository; its standard error is the bench's own. */
export const startChild = (file: URL, options: ChildOptions = {}): Child => {
  const { args = [], env = {}, nodeOptions = [], output = devNull } = options;
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(file), ...args], {
    env,
    stdio: ['ignore', openSync(output, 'a'), 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const said: unknown[] = [];
  let listener: (() => void) | undefined;
  child.on('message', (message) => {
    said.push(message);
    listener?.();
  });
  child.on('exit', () => listener?.());
  const next = async (): Promise<unknown> => {
    while (said.length === 0) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`A process of the bench ended: ${fileURLToPath(file)}`);
      }
      await new Promise<void>((resolve) => {
        listener = resolve;
      });
    }
    return said.shift();
  };
  const hear = async <Message>(schema: z.ZodType<Message>): Promise<Message> => {
    const message = await next();
    const failure = Failure.safeParse(message);
    if (failure.success) throw new Error(failure.data.failed);
    return schema.parse(message);
  };
  return {
    pid: child.pid ?? 0,
    hear,
    ask: (question, schema) => {
      child.send(question);
      return hear(schema);
    },
    close: () => stop(child),
  };
};
