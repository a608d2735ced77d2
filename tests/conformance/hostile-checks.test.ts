import { beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { isMessageCheck, messageChecks } from '#shared/message/checks.ts';
import { diagnoseRequest } from '#shared/message/diagnose-message.ts';
import { type Receiver, receiveRequest } from '#shared/message/receive.ts';
import { allowedTokens } from './allowed-tokens.ts';
import { checkExamples } from './check-examples.ts';
import { standingContext, textOf } from './hostile/context.ts';
import type { HostileContext } from './hostile/row.ts';
import { hostileTokens } from './hostile-tokens.ts';

let context: HostileContext;
let receiver: Receiver;

beforeAll(async () => {
  ({ context, receiver } = await standingContext());
});

const order: readonly string[] = Object.keys(messageChecks);
const opened = order.indexOf('claims-object');

const refusalOf = async (text: string): Promise<Problem> => {
  const outcome: unknown = await receiveRequest(text, receiver).catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error('The token was not refused with a Problem.', { cause: outcome });
};

const failedIn = async (text: string): Promise<readonly string[]> => {
  const { findings } = await diagnoseRequest(text, receiver);
  return [...findings].flatMap(([code, { result }]) => (result === 'failed' ? [code] : []));
};

describe('the codes of the hostile corpus', () => {
  it.each(Object.entries(checkExamples))(
    '%s refuses "%s", and nothing else does',
    async (code, name) => {
      const row = hostileTokens.find((one) => one.name === name);
      const text = textOf((await row?.build(context)) ?? '');

      expect((await refusalOf(text)).extras.check).toBe(code);
      const failed = await failedIn(text);
      // Wherever digests stand that is not the top, they are members that the protocol does not know.
      expect(code === 'digest-place' ? failed.slice(0, 1) : failed).toEqual([code]);
    },
  );

  it.each(hostileTokens)(
    '$name is refused by a check of its problem',
    async ({ build, problem }) => {
      const text = textOf(await build(context));
      const { check = '' } = (await refusalOf(text)).extras;

      expect(isMessageCheck(check) && messageChecks[check].problem).toBe(problem);
      expect((await failedIn(text))[0]).toBe(check);
    },
  );

  it('says who signed what was refused after its signature held, and not before', async () => {
    const after = new Map<boolean, Set<string>>([
      [true, new Set()],
      [false, new Set()],
    ]);
    for (const { build } of hostileTokens) {
      const { extras } = await refusalOf(textOf(await build(context)));
      const signed = order.indexOf(extras.check ?? '') > order.indexOf('signature');
      after.get(signed)?.add(extras.by ?? 'nobody');
    }

    expect([...(after.get(false) ?? [])]).toEqual(['nobody']);
    expect([...(after.get(true) ?? [])]).toEqual([context.key.owner]);
  });

  it('tells nothing of the claims of a message that nobody signed', async () => {
    for (const { build } of hostileTokens) {
      const text = textOf(await build(context));
      const { findings, claims, authentic } = await diagnoseRequest(text, receiver);
      const { check = '' } = (await refusalOf(text)).extras;
      const at = order.indexOf(check);

      // Only the facts may be wrong of a message that is whole.
      expect(authentic).toBe(check.startsWith('fact-'));
      const codes = [...findings.keys()];
      const early = at <= opened;
      expect(early && claims !== undefined).toBe(false);
      expect(early ? codes : []).toEqual(early ? order.slice(0, at + 1) : []);
    }
  });

  it('never finds a personal fact in what a diagnosis says', async () => {
    for (const { build } of hostileTokens) {
      const { findings } = await diagnoseRequest(textOf(await build(context)), receiver);

      expect(JSON.stringify([...findings])).not.toMatch(/0499370899|operator-7|1405.1842/);
    }
  });

  it.each(allowedTokens)('passes every check: $name', async ({ build }) => {
    const { findings, authentic } = await diagnoseRequest(await build(context), receiver);

    expect([...findings.keys()]).toEqual(order);
    expect([...findings.values()].every(({ result }) => result === 'passed')).toBe(true);
    expect(authentic).toBe(true);
  });
});
