import { describe, expect, it } from 'vitest';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { textOf } from '#tests/conformance/hostile/context.ts';
import type { HostileContext, Token } from '#tests/conformance/hostile/row.ts';
import { hostileTokens } from '#tests/conformance/hostile-tokens.ts';
import { audienceOf, otherTill, requestFor, till, whileCounting } from '../ask.ts';
import { expectNothingUnder, rowCount } from '../evidence.ts';
import { nameOf } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

const contextOf = (stage: Stage): HostileContext => {
  const { keyOf, badKeys } = stage.world;
  return {
    key: keyOf(till),
    edKey: keyOf(otherTill),
    revoked: badKeys.revoked,
    agency: keyOf('agency:civil-registry'),
    unregistered: badKeys.unregistered,
    now: Date.now(),
    audience: audienceOf(stage),
  };
};

/** The id that a hostile token names, when anybody could read one out of it. */
const idIn = (token: Token): InquiryId | undefined => {
  try {
    const json = parseStrictJson(Buffer.from(textOf(token).split('.')[1] ?? '', 'base64url'));
    const inquiry = isJsonObject(json) ? json['inq'] : undefined;
    return InquiryId.safeParse(isJsonObject(inquiry) ? inquiry['id'] : undefined).data;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/** That a refused message left nothing behind, as far as anybody can look for it. */
const expectNothingLeft = async (
  stage: Stage,
  id: InquiryId | undefined,
  rowsBefore: number,
): Promise<void> => {
  if (id === undefined) expect(await rowCount(stage)).toBe(rowsBefore);
  else await expectNothingUnder(stage, id);
};

/** That an id which a refused message named can still be used; a stale one cannot anyway. */
const expectNotBurned = async (stage: Stage, id: InquiryId | undefined): Promise<void> => {
  if (id === undefined || Math.abs(timeOf(id) - Date.now()) > 9000) return;
  const honest = await stage.wire.post(await requestFor(stage, { id }));
  expect({ name: nameOf(honest), status: honest.status }).toEqual({
    name: 'HTTP 200',
    status: 200,
  });
};

export const hostileSuite = (onStage: OnStage): void => {
  describe('a hostile token', () => {
    it('comes in every shape of the corpus', () => {
      expect(hostileTokens.length).toBeGreaterThanOrEqual(110);
    });

    it.each(hostileTokens)('is refused as $problem: $name', async ({ build, problem, status }) => {
      const stage = onStage();
      const token = await build(contextOf(stage));
      const id = idIn(token);
      const rows = id === undefined ? await rowCount(stage) : 0;

      const { result: heard, calls } = await whileCounting(stage, () =>
        stage.wire.post(typeof token === 'string' ? token : token.body),
      );

      expect({ problem: nameOf(heard), status: heard.status }).toEqual({ problem, status });
      expect(calls).toBe(0);
      await expectNothingLeft(stage, id, rows);
      await expectNotBurned(stage, id);
    });
  });
};
