import { expect, it } from 'vitest';
import { checkAnswer } from '#shared/client/check-reply.ts';
import { algorithmOf, importPublicKey } from '#shared/message/key.ts';
import { testKeys } from '../../support/exchange.ts';
import { question, wire } from './exchange-transport.ts';

it('an answer counts under a key that began in the second in which it was issued, and not before', async () => {
  const { client } = await wire(async (_, honest) => honest());
  const asked = await client.ask(question);
  if (asked.kind !== 'answered' || asked.answer === undefined) throw new Error('No answer.');
  const { answer, receipt } = asked;
  const { agency } = await testKeys();
  const second = answer.claims.iat * 1000;
  const check = async (notBefore: number) =>
    checkAnswer(
      answer.token,
      receipt,
      {
        id: agency.owner,
        keyOf: async (kid) => ({
          kid,
          alg: algorithmOf(agency.jwk),
          key: await importPublicKey(agency.jwk),
          jwk: agency.jwk,
          owner: agency.owner,
          role: 'server',
          status: 'active',
          notBefore,
          notAfter: second + 60_000,
        }),
      },
      { exchangeId: 'exchange:estelam' },
    );
  expect((await check(second + 999)).token).toBe(answer.token);
  await expect(check(second + 1000)).rejects.toMatchObject({ check: 'answer-signature' });
});
