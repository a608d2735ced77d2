import { describe, expect, it } from 'vitest';
import { viewOf } from '#shared/audit/export/view.ts';
import { factsOfLeaf, LeafUnreadable } from '#shared/audit/index/entry-facts.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { configLeaf, lateLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, testNow, withInquiry } from '#tests/support/messages.ts';
import { inquiryAt } from '#tests/unit/verify/sample-log.ts';

const place = { shard: 3, index: 41 };
const { id, data } = await inquiryAt(0);
const [first = '', second = ''] = Buffer.from(data).toString('utf8').split('\n');
const bent = (intent: string, outcome = second) => utf8(`${intent}\n${outcome}\n`);

describe('factsOfLeaf', () => {
  it('says of an inquiry what the leaf says', () => {
    expect(factsOfLeaf(data, place)).toEqual({
      shard: 3,
      index: 41,
      id,
      t: testNow,
      counter: 'counter:72110345',
      agency: 'agency:civil-registry',
      service: 'civil-registry/identity@1',
      purpose: 'pension-enrolment',
      basis: 'civil-code-1.12',
      station: 'till-3',
      presence: 'in-person',
      seq: 1842,
      effect: 'allow',
      rule: 'open-service',
      outcome: 'FOUND',
      ms: 180,
      answer: 1,
    });
  });

  it('takes the time in the id, whenever it was recorded, and no number of an agency that gave none', () => {
    const late = bent(
      first.replace(/"t":\d+/, `"t":${testNow + 90_000}`),
      second.replace(/"res":"[^"]*",?/, '').replace(/,}$/, '}'),
    );
    const { answer, ...facts } = factsOfLeaf(data, place) ?? {};
    expect(answer).toBe(1);
    expect(factsOfLeaf(late, place)).toEqual(facts);
  });

  it('agrees with the view of an export', async () => {
    const asked = await inquiryAt(0, {
      counter: await makeKey('ES256', 'vendor:rayan'),
      request: { claims: withInquiry({ for: 'counter:72110346' }) },
    });
    const facts = factsOfLeaf(asked.data, place);
    expect(facts).toMatchObject({ counter: 'counter:72110346', by: 'vendor:rayan' });
    const { kind, time, ...view } = viewOf(asked.data);
    expect([kind, time]).toEqual(['inquiry', new Date(facts?.t ?? 0).toISOString()]);
    expect(facts).toMatchObject(view);
  });

  it('has none of a record', () => {
    expect(factsOfLeaf(configLeaf(), place)).toBeUndefined();
    expect(factsOfLeaf(lateLeaf(id, data, testNow), place)).toBeUndefined();
  });

  it.each([
    ['no line', utf8('')],
    ['an open line', data.subarray(0, -1)],
    ['an empty first line', utf8(`\n${second}\n`)],
    ['an intent that is no JSON', bent(`${first}}`)],
    ['an intent with another member', bent(first.replace('{', '{"x":1,'))],
    ['a member twice', bent(first.replace('{', '{"v":1,'))],
    ['an id that is none', bent(first.replaceAll(id, 'x'))],
    ['an outcome of another inquiry', bent(first, second.replace(id, id.replace(/.$/, 'z')))],
    ['an unknown outcome', bent(first, second.replace('"FOUND"', '"LOST"'))],
    ['a negative duration', bent(first, second.replace(/"ms":\d+/, '"ms":-1'))],
    ['a request that is no token', bent(first.replace(/"req":"[^"]*"/, '"req":"x"'))],
    ['claims in another spelling', bent(first.replace(/("req":"[^.]*\.[^.]*)\./, '$1=.'))],
    ['claims that say nothing', bent(first.replace(/"req":"[^"]*"/, '"req":"e30.e30.AA"'))],
  ])('refuses %s', (_, leaf) => {
    expect(() => factsOfLeaf(leaf, place)).toThrow(LeafUnreadable);
  });

  it('refuses words that fit no column, and repeats nothing of them', async () => {
    const asked = await inquiryAt(0, {
      request: { claims: withInquiry({ station: 'till\n3' }) },
    });
    expect(() => factsOfLeaf(asked.data, place)).toThrow(/^The request of an inquiry/);
  });
});
