import { exchangeClient } from '#shared/client/exchange-client.ts';
import type { Connection } from '#shared/client/read.ts';
import { targetOf } from '#shared/client/route.ts';
import type { CommandResult } from '#shared/client/send-command.ts';
import { signKeyProof } from '#shared/client/sign-command.ts';
import type { Asker } from '#shared/client/sign-request.ts';
import type { Transport, Wait } from '#shared/client/transport.ts';
import { newId } from '#shared/kernel/id.ts';
import { registrarId, sampleParticipants } from './participants.ts';
import { keyIn, type Missing, missingCommands, type Wanted } from './plan.ts';
import { readStanding } from './standing.ts';

/** The exchange that is seeded, and how it is reached. */
export type SeedSite = Pick<Asker, 'now' | 'random'> & {
  /** Where requests are sent, without a slash at the end. */
  readonly baseUrl: string;
  readonly origin: string;
  readonly fetch: Transport;
  readonly wait: Wait;
};

/** Milliseconds that one command may take: many for a function that has yet to start. */
const timeout = 30_000;

/** Sends a planned command, signed by whom it names, with the proof of a new key where it adds one. */
export const commandSender =
  (site: SeedSite, keys: Wanted['keys']) =>
  async ({ by, newKey, with: content, ...rest }: Missing): Promise<CommandResult> => {
    const { origin, now, random } = site;
    const id = newId(now(), random);
    const { owner } = content;
    const proof = async (key: NonNullable<Missing['newKey']>): Promise<string> =>
      signKeyProof(id, key, {
        participant: typeof owner === 'string' ? owner : by,
        audience: origin + targetOf('runCommand', {}),
        now,
        random,
      });
    const client = exchangeClient({
      ...site,
      participant: by,
      signer: keyIn({ keys }, by),
      timeout,
    });
    return client.command({
      ...rest,
      id,
      with: newKey === undefined ? content : { ...content, proof: await proof(newKey) },
    });
  };

const cannot = ({ do: name, by }: Pick<Missing, 'do' | 'by'>, result: CommandResult): Error => {
  if (result.kind !== 'refused') return new Error(`The exchange did not take ${name} by ${by}.`);
  const { problem } = result;
  const why = [problem.detail, ...problem.errors.map(({ pointer }) => pointer)].join(' ');
  return new Error(`The exchange refuses ${name} by ${by}: ${problem.name}. ${why}`);
};

/** What tells one planned command from another. */
const textOf = ({ do: name, on, with: content }: Missing): string =>
  JSON.stringify([name, on, content]);

type Outcome = 'done' | 'spared' | 'again';

/** What became of a sent command; throws where there is no way on. */
const judge = ({ do: name, by }: Missing, result: CommandResult): Outcome => {
  if (result.kind === 'done') return 'done';
  if (result.kind === 'lost') {
    throw new Error(`The exchange did not say what became of ${name}: start again.`, result);
  }
  const { problem } = result;
  if (problem.name === 'stale-version') return 'again';
  // A service whose place was not known is where it should be, or is retired: both are right.
  if (problem.name === 'command-refused') return name === 'service.move' ? 'spared' : 'again';
  throw cannot({ do: name, by }, result);
};

/** What a seed is told besides what is wanted. */
export type Seeding = {
  /** By reference: where services are asked, as far as it is known. */
  readonly endpoints?: ReadonlyMap<string, string>;
  /** Called once when something is missing, with the number of commands that are. */
  readonly begins?: (commands: number) => void;
};

/** How a round of commands ended: all are done, or this one met another state than it was planned for. */
type Round = { readonly sent: number; readonly refused?: Refused };

type Refused = { readonly missing: Missing; readonly result: CommandResult };

const sendAll = async (
  missing: readonly Missing[],
  send: (one: Missing) => Promise<CommandResult>,
  settled: (one: Missing) => void,
): Promise<Round> => {
  let sent = 0;
  for (const one of missing) {
    const result = await send(one);
    const outcome = judge(one, result);
    if (outcome === 'again') return { sent, refused: { missing: one, result } };
    if (outcome === 'done') sent += 1;
    settled(one);
  }
  return { sent };
};

/**
 * Sends what the registry lacks of the sample installation, one signed command after another, and
 * resolves to how many took effect; none when nothing is missing. What others send meanwhile, and a seed
 * that was broken off, are found by reading again. Throws an error that says what the exchange refuses.
 */
export const seedRegistry = async (
  wanted: Wanted,
  site: SeedSite,
  { endpoints = new Map(), begins = () => undefined }: Seeding = {},
): Promise<number> => {
  const send = commandSender(site, wanted.keys);
  const connection: Connection = { ...site, headers: {}, timeout };
  const reader = { ...site, participant: registrarId, signer: keyIn(wanted, registrarId) };
  const ids = sampleParticipants.map(({ id }) => id);
  const kids = ids.map((id) => keyIn(wanted, id).kid);
  const known = new Map(endpoints);
  const settled = ({ with: { ref, endpoint } }: Missing): void => {
    if (typeof ref === 'string' && typeof endpoint === 'string') known.set(ref, endpoint);
  };
  let sent = 0;
  for (let before = ''; ; ) {
    const standing = await readStanding(connection, reader, { ids, kids, endpoints: known });
    const missing = missingCommands(wanted, standing);
    if (before === '' && missing.length > 0) begins(missing.length);
    const round = await sendAll(missing, send, settled);
    sent += round.sent;
    const { refused } = round;
    if (refused === undefined) return sent;
    // What is planned once more, on the same state, is refused once more.
    if (textOf(refused.missing) === before) throw cannot(refused.missing, refused.result);
    before = textOf(refused.missing);
  }
};
