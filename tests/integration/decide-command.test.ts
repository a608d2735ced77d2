import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decideCommand } from '#shared/client/cli/decide.ts';
import {
  agencyId,
  counterId,
  guildId,
  makeDecided,
  published,
} from '#tests/support/decided-log.ts';
import { buildLog, policyText, testSigners, writeLog } from '#tests/support/log-builder.ts';
import { makeInquiry, withoutAnswer } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import { runReading } from '#tests/support/run-reading.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { exportOf, partOf } from '../unit/verify/sample-export.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string): string => join(folder.path, name);

const day = 86_400_000;
const reason = 'as the law has it';
const term = { from: testNow - day, until: testNow + 30 * day };

const world = await makeDecided();
const { send, ask, keys } = world;
const picky = serviceWith({ ref: 'civil-registry/picky@1', bases: ['civil-code-1.12'] });
await send({ do: 'service.publish', on: 0, with: published(picky) }, keys.officer);
const asked = {
  open: await ask(),
  purpose: await ask({ inq: { purpose: 'curiosity' } }),
  subject: await ask({ subject: { type: 'ir-postal-code', value: '1234567890' } }),
  params: await ask({ params: {} }),
};
const narrowed = await send(
  { do: 'access.narrow', on: 0, with: { target: 'identity', justification: reason } },
  keys.officer,
);
const missing = await ask();
const granted = await send(
  { do: 'grant.give', on: 0, with: { holder: counterId, target: 'identity', ...term } },
  keys.officer,
);
const limit = await send(
  {
    do: 'limit.set',
    on: 1,
    with: { holder: counterId, target: 'life-status', stopped: true, reason },
  },
  keys.officer,
);
const allowed = await ask();
await send(
  { do: 'delegation.give', on: 0, with: { to: guildId, services: [], ...term } },
  keys.counter,
);
const delegated = await ask({ key: keys.guild, inq: { for: counterId } });
const last = await send({ do: 'licence.suspend', on: 3, with: { id: counterId, reason } });
const suspended = await ask();
const all = [...Object.values(asked), missing, allowed, delegated, suspended];

const leaves = world.leaves();
const policy = at('policy.txt');
await writeFile(policy, policyText());
await writeFile(at('strangers.txt'), policyText(testSigners('other.example/log/0')));

/** Publishes the log of these leaves, rightly signed. */
const publish = async (name: string, data: readonly Uint8Array[]): Promise<string> => {
  await writeLog(at(name), (await buildLog(data)).files);
  return at(name);
};
const log = await publish('log', leaves);

const isOf = (leaf: Uint8Array, member: string): boolean =>
  Buffer.from(leaf).toString('utf8').includes(member);

/** The index of the leaf of a change. */
const changeIndex = (n: number): number => leaves.findIndex((leaf) => isOf(leaf, `"n":${n},"t"`));

/** An inquiry that was decided wrongly, and logged so: what a false exchange would do. */
const forge = await ask({ key: keys.other });
const bent = (dec: (typeof forge)['intent']['dec']) =>
  makeInquiry({
    counter: keys.counter,
    agency: keys.agency,
    t: forge.intent.t,
    request: { jws: () => forge.token.split('~')[0] ?? '' },
    id: forge.id,
    intent: (intent) => ({ ...intent, dec }),
    outcome: (outcome) => (dec.effect === 'allow' ? outcome : withoutAnswer('DENIED')(outcome)),
  });

const decide = (...args: readonly string[]) => runReading(decideCommand, args);
const read = (what: string, ...args: readonly string[]) =>
  decide(what, '--policy', policy, ...args);

const Decision = z.looseObject({
  recorded: z.looseObject({ effect: z.string(), rule: z.string() }).optional(),
  replayed: z.looseObject({ effect: z.string(), rule: z.string() }).optional(),
  agreement: z.looseObject({ said: z.string(), facts: z.string().optional() }).optional(),
  rules: z.array(z.looseObject({ rule: z.string(), result: z.string() })),
  sources: z.array(
    z.looseObject({
      kind: z.string(),
      led: z.boolean(),
      change: z.int().optional(),
      do: z.string().optional(),
    }),
  ),
});
const One = z.looseObject({ exitCode: z.int(), verified: z.boolean(), decision: Decision });
const json = async (...args: readonly string[]) => {
  const { code, out, err } = await decide(...args, '--policy', policy, '--json');
  const said = One.parse(JSON.parse(out));
  expect(err).toBe('');
  expect(said.exitCode).toBe(code);
  return said;
};

describe('estelam decide --inquiry', () => {
  it('finds every decision the same, by nothing but the log', async () => {
    for (const { id, intent } of all) {
      const { exitCode, decision } = await json(log, '--inquiry', id);
      expect([intent.dec.rule, exitCode]).toEqual([intent.dec.rule, 0]);
      expect(decision.agreement).toEqual({ said: 'same', facts: 'not-judged' });
      expect(decision.recorded).toEqual(intent.dec);
      const failed = decision.rules.find(({ result }) => result === 'failed')?.rule;
      const unseen = ['subject-type', 'input-valid'].includes(intent.dec.rule);
      expect(failed).toBe(intent.dec.effect === 'allow' || unseen ? undefined : intent.dec.rule);
    }
    expect(new Set(all.map(({ intent }) => intent.dec.rule))).toEqual(
      new Set([
        'open-service',
        'purpose-allowed',
        'subject-type',
        'input-valid',
        'grant-missing',
        'granted',
        'licence-valid',
      ]),
    );
  });

  it('judges the rules about facts when the request is given', async () => {
    for (const { id, intent, token } of all) {
      await writeFile(at('request'), `${token}\n`);
      const { exitCode, decision } = await json(log, '--inquiry', id, '--request', at('request'));
      expect(exitCode).toBe(0);
      expect(decision.agreement).toEqual({ said: 'same', facts: 'judged' });
      expect(decision.replayed).toMatchObject({
        effect: intent.dec.effect,
        rule: intent.dec.rule,
      });
    }
  });

  it('takes no facts but those that the log holds digests of', async () => {
    await writeFile(at('other'), allowed.token);
    const { code, out } = await read(log, '--inquiry', asked.open.id, '--request', at('other'));
    expect(code).toBe(8);
    expect(out).toContain('not those that the logged request holds digests of');
    await writeFile(at('jws'), asked.open.token.split('~')[0] ?? '');
    expect((await read(log, '--inquiry', asked.open.id, '--request', at('jws'))).code).toBe(4);
    const [jws, ...disclosures] = asked.open.token.split('~');
    await writeFile(at('part'), [jws, ...disclosures.slice(1)].join('~'));
    expect((await read(log, '--inquiry', asked.open.id, '--request', at('part'))).code).toBe(8);
  });

  it('says for a person what was decided, by what, and that it is the same', async () => {
    const { code, out } = await read(log, '--inquiry', delegated.id);
    expect(code).toBe(0);
    expect(out).toContain(`counter   ${counterId}, asked for by ${guildId}`);
    expect(out).toContain(`recorded  allow, granted, registry ${delegated.intent.dec.registry}`);
    expect(out).toContain('✓ delegation-scope');
    expect(out).toMatch(/– input-valid +the facts are not known/);
    expect(out).toContain(`change ${granted.n}, grant.give by ${agencyId}`);
    expect(out.trimEnd().endsWith('same, as far as the log tells')).toBe(true);
    for (const line of out.split('\n')) expect(line.length).toBeLessThan(140);
  });

  it('names the change that made the grant what it was, and not a later one of its entry', async () => {
    const { decision } = await json(log, '--inquiry', allowed.id);
    expect(decision.sources.filter(({ led }) => led)).toEqual([
      expect.objectContaining({ kind: 'narrowing', change: narrowed.n, do: 'access.narrow' }),
      expect.objectContaining({ kind: 'grant', change: granted.n, do: 'grant.give' }),
    ]);
    expect(limit.n).toBe(granted.n + 1);
  });

  it.each([
    ['another rule', { effect: 'deny', rule: 'purpose-allowed' }],
    ['allowed what is denied', { effect: 'allow', rule: 'open-service' }],
    ['denied by facts what an earlier rule denies', { effect: 'deny', rule: 'input-valid' }],
  ] as const)('convicts a decision that is on record with %s', async (_, said) => {
    const { registry } = forge.intent.dec;
    const { data, id } = await bent({ ...said, registry });
    expect(forge.intent.dec.rule).toBe('grant-missing');
    const forged = await publish('forged', [...leaves, data]);
    const { code, out } = await read(forged, '--inquiry', id);
    expect(code).toBe(11);
    expect(out).toMatch(/\nDIFFERENT\n$/);
    expect((await read(forged, '--all')).code).toBe(11);
  });

  it('convicts a decision that names a state in which it would have been another', async () => {
    const { data, id } = await bent({
      effect: 'allow',
      rule: 'open-service',
      registry: narrowed.n - 1,
    });
    const stale = await publish('stale', [...leaves, data]);
    expect((await read(stale, '--inquiry', id)).code).toBe(0);
    const fresh = await bent({ effect: 'allow', rule: 'open-service', registry: narrowed.n });
    const wrong = await publish('wrong', [...leaves, fresh.data]);
    expect((await read(wrong, '--inquiry', id)).code).toBe(11);
  });

  it('knows which bases were confidential by what it is told, for the log does not hold it', async () => {
    const registry = narrowed.n - 1;
    const { data, id } = await bent({ effect: 'deny', rule: 'basis-confidential', registry });
    const denied = await publish('denied-by-basis', [...leaves, data]);
    expect((await read(denied, '--inquiry', id)).code).toBe(11);
    const bases = ['--confidential', 'court.7', 'civil-code-1.12'];
    expect((await read(denied, '--inquiry', id, ...bases)).code).toBe(0);
    // The others of this log were allowed under that basis, and no service names it.
    expect((await read(log, '--all', ...bases)).code).toBe(11);
    expect((await read(log, '--all', '--confidential', 'court.7')).code).toBe(0);
  });

  it('does not tell what it cannot: an unknown rule, or a change that is not there', async () => {
    const unknown = await bent({ effect: 'deny', rule: 'moon-full', registry: last.n });
    const odd = await publish('odd', [...leaves, unknown.data]);
    expect((await read(odd, '--inquiry', unknown.id)).code).toBe(12);
    const ahead = await bent({ effect: 'deny', rule: 'licence-valid', registry: last.n + 1 });
    const early = await publish('early', [...leaves, ahead.data]);
    const { code, out } = await read(early, '--inquiry', ahead.id);
    expect(code).toBe(12);
    expect(out).toContain('cannot be told: not all changes');
    expect(out).not.toContain('replayed');
    const gone = await read(log, '--inquiry', '01a9b4a5-3800-7abc-9def-0123456789ab');
    expect(gone.code).toBe(12);
    expect(gone.out).toContain('There is no inquiry of this id');
  });
});

describe('estelam decide of a log that does not verify', () => {
  it('tells nothing by changes of which one is missing, and nothing at all once it is due', async () => {
    const dropped = leaves.toSpliced(changeIndex(granted.n), 1);
    const gap = await read(await publish('gap', dropped), '--inquiry', allowed.id);
    // A leaf may come late for 27 hours.
    expect(gap.code).toBe(12);
    expect(gap.out).not.toContain('replayed');
    world.clock.advance(28 * 3_600_000);
    const { data } = await ask();
    const due = await publish('due', [...dropped, data]);
    const { code, out } = await read(due, '--inquiry', allowed.id);
    expect(code).toBe(10);
    expect(out).toContain('change-missing');
    expect(out).not.toContain('recorded');
    const told: unknown = JSON.parse((await read(due, '--inquiry', allowed.id, '--json')).out);
    expect(told).toMatchObject({ verified: false, exitCode: 10 });
    expect(told).not.toHaveProperty('decision');
  });

  it.each(['altered', 'unsigned'] as const)('refuses one that is %s', async (how) => {
    const built = await buildLog(leaves);
    const path = [...built.files.keys()].find((name) => name.startsWith('tile/0/')) ?? '';
    const bytes = (built.files.get(path) ?? new Uint8Array()).slice();
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeLog(at('altered'), built.files.set(path, bytes));
    const by = how === 'unsigned' ? at('strangers.txt') : policy;
    const args = [at('altered'), '--policy', by, '--inquiry', allowed.id];
    const { code, out } = await decide(...args);
    expect(code).toBe(how === 'unsigned' ? 5 : 6);
    expect(out).not.toContain('recorded');
    expect(out).toContain('Nothing is told of what does not verify');
    const anyway = await decide(...args, '--unverified');
    expect(anyway.code).toBe(code);
    expect(anyway.out.includes('recorded')).toBe(how === 'altered');
    expect(anyway.out.includes('UNVERIFIED')).toBe(how === 'altered');
  });
});

describe('estelam decide --all', () => {
  it('finds all of them the same, in a folder and in an export', async () => {
    const counts = { same: all.length, different: 0 };
    const { code, out } = await read(log, '--all', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ decisions: counts });
    const built = await buildLog(leaves);
    await writeFile(at('export.tar'), await exportOf([partOf(built)]));
    const { code: other, out: text } = await read(at('export.tar'), '--all');
    expect(other).toBe(0);
    expect(text).toContain(`${all.length} same, as far as the log tells\n0 different\n`);
  });

  it('takes changes that stand behind the inquiries that they led to', async () => {
    const [head, rest] = [leaves.slice(0, 2), leaves.slice(2)];
    const isInquiry = (leaf: Uint8Array): boolean => isOf(leaf, '"k":"i"');
    const turned = [
      ...head,
      ...rest.filter((leaf) => !isOf(leaf, `"n":${last.n},"t"`)),
      ...rest.filter((leaf) => isOf(leaf, `"n":${last.n},"t"`)),
    ];
    expect(turned.filter(isInquiry)).toHaveLength(all.length);
    const { code, out } = await read(await publish('turned', turned), '--all', '--unverified');
    expect(out).toContain(`${all.length} same`);
    expect(code).toBe(0);
  });

  it('tells nothing of decisions whose changes are not there', async () => {
    const inquiries = leaves.filter((leaf) => isOf(leaf, '"k":"i"') || isOf(leaf, '"k":"config"'));
    const { out } = await read(await publish('bare', inquiries), '--all', '--unverified', '--json');
    expect(JSON.parse(out)).toMatchObject({
      decisions: { same: 0, different: 0, undetermined: { 'changes-missing': all.length } },
    });
  });
});

describe('estelam decide --at', () => {
  const question = [
    '--counter',
    counterId,
    '--service',
    'civil-registry/identity@1',
    '--purpose',
    'pension-enrolment',
  ];
  const when = (n: number, ...more: readonly string[]) =>
    json(log, '--at', String(n), ...question, ...more);

  it('says what would have been decided after a change, and by what', async () => {
    const rules = async (n: number) => (await when(n)).decision.replayed?.rule;
    expect(await rules(3)).toBe('licence-valid');
    expect(await rules(narrowed.n - 1)).toBe('open-service');
    expect(await rules(narrowed.n)).toBe('grant-missing');
    expect(await rules(granted.n)).toBe('granted');
    expect(await rules(last.n)).toBe('licence-valid');
    expect(await rules(1)).toBe('participant-active');
    const { decision, exitCode } = await when(last.n);
    expect(exitCode).toBe(0);
    expect(decision.sources.filter(({ led }) => led)).toEqual([
      expect.objectContaining({ kind: 'licence', change: last.n, do: 'licence.suspend' }),
    ]);
    const stop = await json(
      log,
      '--at',
      String(limit.n),
      ...question.with(3, 'civil-registry/life-status@1'),
    );
    expect(stop.decision.replayed?.rule).toBe('stopped-by-agency');
    expect(stop.decision.sources.filter(({ led }) => led)).toEqual([
      expect.objectContaining({ kind: 'limit', change: limit.n, do: 'limit.set' }),
    ]);
  });

  it('takes a time for the newest change that was made by then', async () => {
    const ruleAt = async (t: number) => {
      const { decision } = await json(log, '--at', new Date(t).toISOString(), ...question);
      return decision.replayed?.rule;
    };
    expect(await ruleAt(narrowed.t - 1)).toBe('open-service');
    expect(await ruleAt(narrowed.t)).toBe('grant-missing');
    expect(await ruleAt(granted.t - 1)).toBe('grant-missing');
    expect(await ruleAt(granted.t)).toBe('granted');
    expect(await ruleAt(testNow + 400 * day)).toBe('licence-valid');
  });

  it('judges the basis, the delegate and the facts when they are given', async () => {
    const result = async (rule: string, ...more: readonly string[]) => {
      const { decision } = await when(granted.n, ...more);
      return decision.rules.find((one) => one.rule === rule)?.result;
    };
    expect(await result('basis-accepted')).toBe('skipped');
    const other = question.with(3, 'civil-registry/picky@1');
    const effect = async (...more: readonly string[]) =>
      (await json(log, '--at', String(granted.n), ...other, ...more)).decision.replayed;
    expect(await effect()).toMatchObject({ effect: 'allow' });
    expect(await effect('--basis', 'habit')).toMatchObject({ rule: 'basis-accepted' });
    expect(await result('basis-accepted', '--basis', 'civil-code-1.12')).toBe('passed');
    expect(await result('delegation-missing')).toBe('passed');
    expect(await result('delegation-missing', '--by', guildId)).toBe('failed');
    expect(await result('input-valid')).toBe('skipped');
    await writeFile(at('params'), '{"birthDate":"1985-03-21"}');
    const facts = ['--params', at('params'), '--subject-type'];
    expect(await result('input-valid', ...facts, 'ir-national-id')).toBe('passed');
    expect(await result('subject-type', ...facts, 'ir-plate')).toBe('failed');
    await writeFile(at('empty'), '{}');
    expect(
      await result('input-valid', '--params', at('empty'), '--subject-type', 'ir-national-id'),
    ).toBe('failed');
  });

  it.each<readonly [string, readonly string[], string]>([
    ['no question', [], 'One of --inquiry, --at and --all'],
    ['two questions', ['--all', '--at', '3'], 'One of --inquiry, --at and --all'],
    ['no counter', ['--at', '3', '--service', 'a-b/c-d@1'], '--counter'],
    ['a counter that is none', ['--at', '3', ...question.with(1, agencyId)], '--counter'],
    ['no service', ['--at', '3', '--counter', counterId], '--service'],
    ['a service without a version', ['--at', '3', ...question.with(3, 'a-b/c-d')], '--service'],
    ['a purpose that is none', ['--at', '3', ...question.with(5, 'A B')], '--purpose'],
    ['half of the facts', ['--at', '3', ...question, '--subject-type', 'ir-plate'], 'go together'],
    ['an id that is none', ['--inquiry', '7'], '--inquiry'],
    ['a request without its inquiry', ['--all', '--request', 'x'], '--request'],
    ['an inquiry and what it says', ['--inquiry', '7', '--purpose', 'x'], '--at only'],
    ['a time that is none', ['--at', 'yesterday', ...question], '--at must be a time'],
    ['change 0', ['--at', '0', ...question], 'there is no such change'],
    ['a change to come', ['--at', '999', ...question], 'there is no such change'],
    [
      'a time before the first change',
      ['--at', '2001-01-01T00:00:00Z', ...question],
      'the first change of the registry here was made at 2027-01-15T07:59:20.000Z',
    ],
  ])('ends with 2 for %s', async (_, args, says) => {
    const { code, out, err } = await read(log, ...args);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(out).toBe('');
  });

  it('ends as estelam verify does for what cannot be read', async () => {
    expect((await decide(log, '--all')).code).toBe(2);
    expect((await read(at('nowhere'), '--all')).code).toBe(3);
    await writeFile(at('junk'), 'junk');
    expect((await read(at('junk'), '--all')).code).toBe(4);
  });
});
