import { describe, expect, it } from 'vitest';
import type { BehaviourName } from '#infra/local/agencies/behaviour.ts';
import { lies } from '#infra/local/agencies/lies.ts';
import { acceptAnswer } from '#shared/inquiry/accept-answer.ts';
import { termsOf } from '#shared/registry/terms.ts';
import { disclosedIn } from '../../support/exchange.ts';
import { directoryOf, testNow } from '../../support/messages.ts';
import { behave, post, registeredKeyOf, runAgency, textOf } from './posting.ts';
import { type Ask, forwardOf, person, serviceAt } from './sample-forward.ts';

const service = serviceAt('civil-registry/identity@1');
const params = { birthDate: '1985-03-21' };
const honestAsk: Ask = { service, subject: person, params };

/** What the exchange makes of an agency that behaves so. */
const judged = async (name: BehaviourName, asked: Ask = honestAsk) => {
  await using running = await runAgency(asked.service.agency);
  await behave(running.agency, name);
  const forward = await forwardOf(asked);
  const response = await post(running.agency, forward.token);
  const body = await textOf(response);
  const judgement = await acceptAnswer(
    {
      kind: 'replied',
      status: response.statusCode ?? 0,
      mediaType: response.headers['content-type'] ?? '',
      body,
    },
    forward,
    { service: asked.service, terms: termsOf(asked.service) },
    { keyOf: directoryOf([await registeredKeyOf(running)]), now: () => testNow },
  );
  return { judgement, body };
};

describe('an agency that is honest', () => {
  it('is believed', async () => {
    const { judgement, body } = await judged('normal');
    expect(judgement).toMatchObject({ kind: 'accepted', outcome: 'MATCH', withheld: [] });
    expect(disclosedIn(body)).toEqual({ birthDateMatches: true });
  });

  it('refuses a question that is not for it', async () => {
    const other = serviceAt('post/postal-address@1', { agency: 'agency:civil-registry' });
    const subject = { type: 'ir-postal-code', value: '1234567890' } as const;
    const { judgement } = await judged('normal', { service: other, subject, params });
    expect(judgement).toMatchObject({ kind: 'accepted', outcome: 'REFUSED' });
  });
});

describe('an agency that lies', () => {
  it.each([
    ['unsigned', 'algorithm-not-allowed'],
    ['wrong-key', 'signature-invalid'],
    ['wrong-typ', 'wrong-typ'],
    ['other-forward', 'other-inquiry'],
    ['wrong-inquiry', 'other-inquiry'],
    ['wrong-request-hash', 'other-inquiry'],
    ['expired', 'expired'],
    ['undeclared-field', 'schema'],
    ['bad-schema', 'schema'],
    ['duplicate-disclosure', 'disclosure-invalid'],
    ['decoy-digest', 'disclosure-invalid'],
    ['missing-digest', 'disclosure-invalid'],
  ] as const)('is caught: %s', async (name, cause) => {
    const { judgement } = await judged(name);
    expect(judgement).toMatchObject({ kind: 'failed', outcome: 'INVALID_ANSWER', cause });
  });

  it('has what it should not have said withheld', async () => {
    const { judgement, body } = await judged('extra-field');
    expect(Object.keys(disclosedIn(body))).toEqual(['birthDateMatches', 'firstName']);
    expect(judgement).toMatchObject({ kind: 'accepted', withheld: ['firstName'] });
  });

  it('has a lie for each row, and each is tried above', () => {
    expect(Object.keys(lies)).toHaveLength(13);
  });

  it('lies also when it has nothing to disclose', async () => {
    const mobile = serviceAt('telecom/mobile-ownership@1');
    const asked = { service: mobile, subject: person, params: { mobile: '+989121234567' } };
    const { judgement } = await judged('duplicate-disclosure', asked);
    expect(judgement).toMatchObject({ kind: 'failed', cause: 'disclosure-invalid' });
  });
});
