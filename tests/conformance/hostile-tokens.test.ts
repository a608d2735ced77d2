import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { type Receiver, receiveRequest } from '#shared/message/receive.ts';
import { allowedTokens } from './allowed-tokens.ts';
import { standingContext, textOf } from './hostile/context.ts';
import { hostileDisclosures } from './hostile/disclosures.ts';
import type { HostileContext } from './hostile/row.ts';
import { hostileTokens } from './hostile-tokens.ts';

let context: HostileContext;
let receiver: Receiver;

beforeAll(async () => {
  ({ context, receiver } = await standingContext());
});

const refusalOf = async (text: string): Promise<Problem> => {
  const outcome: unknown = await receiveRequest(text, receiver).catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error('The token was not refused with a Problem.', { cause: outcome });
};

describe('the hostile corpus', () => {
  it.each(hostileTokens)('$name is refused as $problem', async ({ build, problem, status }) => {
    const refusal = await refusalOf(textOf(await build(context)));

    expect({ problem: refusal.name, status: refusal.status }).toEqual({ problem, status });
  });

  it('is as large as was promised, every row under its own name', () => {
    expect(hostileTokens.length).toBeGreaterThanOrEqual(110);
    expect(hostileDisclosures.length).toBeGreaterThanOrEqual(20);
    expect(new Set(hostileTokens.map(({ name }) => name)).size).toBe(hostileTokens.length);
  });

  it('never finds a personal fact in what a refusal says', async () => {
    for (const { build } of hostileTokens) {
      const { detail, extras, message } = await refusalOf(textOf(await build(context)));

      expect(JSON.stringify({ detail, extras, message })).not.toMatch(
        /0499370899|operator-7|1405.1842/,
      );
    }
  });
});

describe('the other side of each border', () => {
  it.each(allowedTokens)('$name is accepted', async ({ build }) => {
    const { facts, claims } = await receiveRequest(await build(context), receiver);

    expect({ iss: claims.iss, facts: Object.keys(facts).toSorted() }).toEqual({
      iss: context.key.owner,
      facts: ['case', 'operator', 'params', 'subject'],
    });
  });
});
