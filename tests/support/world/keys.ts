import { setTimeout as wait } from 'node:timers/promises';
import { registrarId, sampleParticipants } from '#infra/local/seed/participants.ts';
import { type Missing } from '#infra/local/seed/plan.ts';
import type { CommandResult } from '#shared/client/send-command.ts';
import { makeKey, type TestKey } from '../messages.ts';

/** Keys of `counter:72110345` that must not be taken, and one that nobody registered. */
export type BadKeys = {
  readonly revoked: TestKey;
  readonly expired: TestKey;
  readonly notYetValid: TestKey;
  readonly unregistered: TestKey;
};

export type WorldKeys = {
  /** By participant: everybody in the sample installation. */
  readonly sample: ReadonlyMap<string, TestKey>;
  readonly bad: BadKeys;
};

/** `root`: the registrar's key, where the exchange was told of one already. */
export const makeWorldKeys = async (root?: TestKey): Promise<WorldKeys> => {
  const sample = sampleParticipants.map(
    async ({ id, algorithm }) => [id, await makeKey(algorithm, id)] as const,
  );
  const [revoked, expired, notYetValid, unregistered] = await Promise.all([
    makeKey(),
    makeKey(),
    makeKey(),
    makeKey(),
  ]);
  const all = new Map(await Promise.all(sample));
  if (root !== undefined) all.set(registrarId, root);
  return { sample: all, bad: { revoked, expired, notYetValid, unregistered } };
};

type Send = (command: Missing) => Promise<CommandResult>;

const sendDone = async (send: Send, command: Missing): Promise<void> => {
  const result = await send(command);
  if (result.kind === 'done') return;
  const why = result.kind === 'refused' ? result.problem.detail : 'no answer';
  throw new Error(`${command.do} was not done: ${why}`);
};

const day = 86_400_000;

type Span = { readonly notBefore: number; readonly notAfter: number };

const added = ({ owner, jwk, signer }: TestKey, span: Span): Missing => ({
  by: registrarId,
  do: 'key.add',
  on: 0,
  with: { owner, jwk: { ...jwk }, label: 'till-bad', role: 'station', ...span },
  newKey: signer,
});

/** Milliseconds that a key is given which is to expire: longer than its command takes to arrive. */
const lifetimes = [3000, 10_000, 30_000];

/** Registers a key that runs out, and resolves once it has. */
const addExpiring = async (send: Send, key: TestKey): Promise<void> => {
  for (const lifetime of lifetimes) {
    const notBefore = Date.now();
    const notAfter = notBefore + lifetime;
    const result = await send(added(key, { notBefore, notAfter }));
    if (result.kind !== 'done') continue;
    // No command registers a key that has expired: until this very moment it holds.
    await wait(notAfter - Date.now());
    return;
  }
  throw new Error('The key that is to expire was not registered.');
};

/** Brings the bad keys into the registry as they are to stand there, by commands of the registrar. */
export const registerBadKeys = async (
  { revoked, expired, notYetValid }: BadKeys,
  send: Send,
): Promise<void> => {
  const now = Date.now();
  const lasting = { notBefore: now, notAfter: now + day };
  const later = { notBefore: now + day, notAfter: now + 2 * day };
  await sendDone(send, added(revoked, lasting));
  await sendDone(send, {
    by: registrarId,
    do: 'key.revoke',
    on: 1,
    with: { kid: revoked.kid, reason: 'lost with its till' },
  });
  await sendDone(send, added(notYetValid, later));
  await addExpiring(send, expired);
};
