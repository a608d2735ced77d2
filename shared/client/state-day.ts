import * as z from 'zod';
import { toBase64Url } from '../kernel/bytes.ts';
import { numericDate } from '../kernel/clock.ts';
import { InquiryId } from '../kernel/id.ts';
import type { JsonValue } from '../kernel/strict-json.ts';
import { kinds } from '../message/kind.ts';
import { signMessage } from '../message/sign.ts';
import { type Connection, jsonOf, send } from './read.ts';
import { type ReceivedProblem, readProblem } from './received-problem.ts';
import { isPassing, pauseBefore } from './retry.ts';
import { targetOf } from './route.ts';
import type { Asker } from './sign-request.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** Sequence numbers from `first` to `last`, `n` of them: fewer where some were not used. */
export type Numbers = { readonly first: number; readonly last: number; readonly n: number };

/** What somebody used of its sequence numbers on a day; a number is of the day inside its inquiry's id. */
export type DayNumbers = {
  /** By those who ask, for each station that asked; at most 64. */
  readonly asked?: readonly (Numbers & { readonly station: string })[];
  /** By agencies. */
  readonly answered?: Numbers;
};

/** What became of a statement. */
export type StateResult =
  /** It is on record as the leaf `id`; `repeated`: by an earlier try, or an earlier call. */
  | { readonly kind: 'stated'; readonly id: string; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly problem: ReceivedProblem }
  /** No whole answer came back: state the same again to learn what became of it. */
  | { readonly kind: 'lost'; readonly cause: unknown };

const Taken = z.looseObject({ id: InquiryId, day: z.string(), repeated: z.boolean() });

/** Seconds that one token may be used. A retry signs a fresh one. */
const statementLifetime = 60;

const only = ({ first, last, n }: Numbers): Numbers => ({ first, last, n });

const signStatement = (
  day: string,
  { asked = [], answered }: DayNumbers,
  { participant, audience, now, random, signer }: Asker,
): Promise<string> => {
  const iat = numericDate(now());
  const stm = {
    day,
    asked: asked.map((one) => ({ station: one.station, ...only(one) })),
    ...(answered !== undefined && { answered: only(answered) }),
  };
  const times = { iat, exp: iat + statementLifetime };
  const claims = { iss: participant, aud: audience, ...times, jti: toBase64Url(random(16)), stm };
  return signMessage(kinds.statement, claims, signer);
};

const readTaken = (json: JsonValue | undefined, day: string): z.infer<typeof Taken> => {
  const parsed = Taken.safeParse(json);
  if (parsed.success && parsed.data.day === day) return parsed.data;
  throw new UntrustedReply('shape', 'The body does not say what the statement came to.');
};

/**
 * States a day until it is settled: after a lost connection, 429 or 503 again under a fresh `jti`.
 * Throws `UntrustedReply` for a body of another shape, or about another day.
 */
export const sendStatement = async (
  day: string,
  numbers: DayNumbers,
  connection: Connection,
  asker: Asker,
): Promise<StateResult> => {
  for (let tried = 1; ; tried += 1) {
    const got = await send(connection, 'POST', targetOf('stateDay', {}), {
      headers: { 'content-type': 'application/jwt', accept: 'application/json' },
      body: await signStatement(day, numbers, asker),
    });
    const passing = got.reply === undefined || isPassing(got.reply.status, undefined);
    const pause = passing ? pauseBefore(tried, got.reply, asker) : undefined;
    if (pause !== undefined) {
      await connection.wait(pause);
    } else if (got.reply === undefined) {
      return { kind: 'lost', cause: got.cause };
    } else if (got.reply.status === 200 || got.reply.status === 201) {
      const { id, repeated } = readTaken(jsonOf(got.text), day);
      return { kind: 'stated', id, repeated };
    } else {
      const { problem } = readProblem(got.reply.status, jsonOf(got.text));
      return { kind: 'refused', problem };
    }
  }
};
