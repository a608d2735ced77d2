import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { roles } from '#shared/kernel/participant-id.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { serviceCommands } from '#shared/registry/commands/services.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { isAnswered, type Service } from '#shared/registry/service.ts';
import { testNow as now } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';
import { after, day, minute, outcomeOf, plan, planOrNothing, senderOf } from './planning.ts';

const agency = 'agency:civil-registry';
const ref = 'civil-registry/identity@1';
const reason = 'نسخهٔ تازه آمده است';
const own = ['kind', 'agency', 'status', 'version'];
const content: JsonObject = Object.fromEntries(
  Object.entries(z.record(z.string(), z.json()).parse(identityService)).filter(
    ([name]) => !own.includes(name),
  ),
);

const elsewhere = 'https://elsewhere.example/inquiries';

const names = ['publish', 'move', 'deprecate', 'retire'] as const;
type Name = (typeof names)[number];

const contents: Readonly<Record<Name, JsonObject>> = {
  publish: content,
  move: { ref, endpoint: elsewhere },
  deprecate: { ref, from: now, reason },
  retire: { ref, from: now, reason },
};

const run = (
  name: Name,
  standing: readonly RegistryEntry[],
  change: JsonObject = {},
  by = senderOf(agency),
) => plan(serviceCommands, `service.${name}`, { ...contents[name], ...change }, standing, by);

const verdict = (...command: Parameters<typeof run>): Promise<string> =>
  outcomeOf(run(...command).then(() => 'done'));

const retirement = (from: number): JsonObject => ({ retired: { from, reason } });

const states: Readonly<Record<string, readonly RegistryEntry[]>> = {
  none: [],
  active: [identityService],
  deprecated: [serviceWith({ deprecated: { from: now, reason } })],
  'retired later': [serviceWith(retirement(now + 1))],
  'retired now': [serviceWith(retirement(now))],
  retired: [serviceWith({ status: 'retired' })],
};

/** Commands by row, states by column; `no` is command-refused. */
const table: Readonly<Record<Name, readonly string[]>> = {
  publish: ['done', 'no', 'no', 'no', 'no', 'no'],
  move: ['no', 'done', 'done', 'done', 'no', 'no'],
  deprecate: ['no', 'done', 'done', 'done', 'no', 'no'],
  retire: ['no', 'done', 'done', 'done', 'no', 'no'],
};

describe('a service', () => {
  it.each(names)('.%s is decided by what stands', async (name) => {
    for (const [place, [state, standing]] of Object.entries(states).entries()) {
      const expected = table[name][place] === 'done' ? 'done' : 'command-refused';
      expect(`${state}: ${await verdict(name, standing)}`).toBe(`${state}: ${expected}`);
    }
  });

  it.each(names)('.%s is for its own agency only', async (name) => {
    const standing = name === 'publish' ? [] : [identityService];
    for (const role of roles.filter((one) => one !== 'agency')) {
      const by = senderOf(`${role}:civil-registry`);
      expect(await verdict(name, standing, {}, by)).toBe('wrong-role');
    }
    for (const other of ['agency:post', 'agency:civil', 'agency:civil-registry-2']) {
      expect(await verdict(name, standing, {}, senderOf(other))).toBe('wrong-role');
    }
  });

  it.each(names)('.%s takes nothing but its content', async (name) => {
    const standing = name === 'publish' ? [] : [identityService];
    expect(await verdict(name, standing, { note: 'x' })).toMatch(/^invalid-claims/);
    expect(await verdict(name, standing, { ref: 'civil-registry/identity' })).toBe(
      'invalid-claims /cmd/with/ref',
    );
  });
});

describe('service.publish', () => {
  it('puts the service on record, active, as it was sent', async () => {
    const whole = {
      ...content,
      bases: ['civil.law'],
      quota: { counter: { perSecond: 5 }, all: { perDay: 100_000 } },
    };
    const standing = { kind: 'service', agency, status: 'active', version: 1 };
    expect(await run('publish', [], whole)).toEqual([{ ...whole, ...standing }]);
  });

  it.each([
    ['kind', 'service'],
    ['agency', agency],
    ['status', 'active'],
    ['version', 1],
    ['n', 1],
    ['deprecated', { from: now, reason }],
    ['retired', { from: now, reason }],
  ])('takes no %s from the sender', async (name, value) => {
    expect(await verdict('publish', [], { [name]: value })).toMatch(/^invalid-claims/);
  });

  it('publishes versions in their order', async () => {
    const second = { ref: 'civil-registry/identity@2' };
    const third = { ref: 'civil-registry/identity@3' };
    expect(await verdict('publish', [], second)).toBe('command-refused');
    expect(await verdict('publish', [identityService], second)).toBe('done');
    expect(await verdict('publish', [identityService], third)).toBe('command-refused');
    expect(await verdict('publish', [serviceWith(second)], second)).toBe('command-refused');
    expect(await verdict('publish', [serviceWith(second)], third)).toBe('done');
    expect(await verdict('publish', states['retired'] ?? [], second)).toBe('done');
    const tenth = { ref: 'civil-registry/identity@10' };
    expect(await verdict('publish', [identityService], tenth)).toBe('command-refused');
    expect(
      await verdict('publish', [serviceWith({ ref: 'civil-registry/identity@9' })], tenth),
    ).toBe('done');
  });

  it.each<readonly [string, JsonObject, string]>([
    ['a field that the output lacks', { fields: ['firstName', 'salary'] }, '/fields'],
    ['a field that every object has', { fields: ['toString'] }, '/fields'],
    ['a field twice', { fields: ['firstName', 'firstName'] }, '/fields'],
    [
      'a field that is no boolean at the level match',
      { level: 'match', fields: ['firstName'] },
      '/fields',
    ],
    ['fields at the level verify', { level: 'verify' }, '/fields'],
    ['no purpose', { purposes: [] }, '/purposes'],
    ['a purpose twice', { purposes: ['passport-issue', 'passport-issue'] }, '/purposes'],
    ['no legal basis where it names them', { bases: [] }, '/bases'],
    ['a legal basis twice', { bases: ['civil.law', 'civil.law'] }, '/bases'],
    ['a group that no grant can name', { group: 'civil.registry' }, '/group'],
    ['an endpoint that may not be asked', { endpoint: 'https://169.254.169.254/' }, '/endpoint'],
    ['an endpoint with a password', { endpoint: 'https://u:p@agency.example/' }, '/endpoint'],
    ['a title of one language', { title: { fa: 'استعلام هویت' } }, '/title/en'],
    ['a title of many lines', { title: { fa: 'الف\nب', en: 'Identity' } }, '/title/fa'],
    ['a tariff that is no code', { tariff: 'the usual' }, '/tariff'],
    ['a time-out that nobody waits for', { timeout: 20_001 }, '/timeout'],
    ['a level that there is not', { level: 'all' }, '/level'],
    ['a quota of nothing', { quota: { counter: {} } }, '/quota/counter'],
    ['an input that is no schema', { input: [] }, '/input'],
    ['an output that is no schema of an object', { output: { type: 'array' } }, '/output'],
    [
      'a text without a bound',
      { input: { ...identityService.input, properties: { birthDate: { type: 'string' } } } },
      '/input/properties/birthDate',
    ],
  ])('refuses %s', async (_, change, pointer) => {
    expect(await verdict('publish', [], change)).toBe(`invalid-claims /cmd/with${pointer}`);
  });

  it('takes a service without fields at the level verify', async () => {
    expect(await verdict('publish', [], { level: 'verify', fields: [] })).toBe('done');
  });

  it('tells the faults of both schemas at once, and nothing of them', async () => {
    const secret = { 'secret-0499370899': { type: 'secret' } };
    const input = { ...identityService.input, properties: secret };
    const output = { ...identityService.output, $ref: 'https://secret.example/' };
    const said = await verdict('publish', [], { input, output });
    expect(said).toBe(
      'invalid-claims /cmd/with/input/required /cmd/with/input/properties /cmd/with/output',
    );
    await expect(run('publish', [], { input, output })).rejects.toThrow(/^(?!.*(secret|049937))/);
  });
});

describe('service.move', () => {
  it('puts the new endpoint on record, and nothing else', async () => {
    expect(await run('move', [identityService])).toEqual([
      { ...identityService, endpoint: elsewhere, version: 2 },
    ]);
  });

  it('refuses to move to where the service is', async () => {
    const { endpoint } = identityService;
    expect(await verdict('move', [identityService], { endpoint })).toBe('command-refused');
    const moved = await run('move', [identityService]);
    expect(await verdict('move', moved)).toBe('command-refused');
    expect(await verdict('move', moved, { endpoint })).toBe('done');
  });

  it.each([
    'https://169.254.169.254/',
    'https://u:p@agency.example/',
    'http://agency.example/',
    'https://agency.example/#part',
    'agency.example',
    '',
    7,
  ])('refuses an endpoint that may not be asked: %s', async (endpoint) => {
    const said = await verdict('move', [identityService], { endpoint });
    expect(said).toBe('invalid-claims /cmd/with/endpoint');
  });

  it('may say why, without a number', async () => {
    expect(await verdict('move', [identityService], { reason })).toBe('done');
    for (const bad of ['', 'x', 'کد ۰۴۹۹۳۷۰۸۹۹', 7, null]) {
      const said = await verdict('move', [identityService], { reason: bad });
      expect(said).toMatch(/^invalid-claims \/cmd\/with\/reason/);
    }
  });
});

describe('service.deprecate and service.retire', () => {
  it('put from when and why on record, and nothing else', async () => {
    const until = now + day;
    expect(await run('deprecate', [identityService], { until })).toEqual([
      { ...identityService, deprecated: { from: now, until, reason }, version: 2 },
    ]);
    expect(await run('retire', [identityService])).toEqual([
      { ...identityService, retired: { from: now, reason }, version: 2 },
    ]);
  });

  it('keep to the times', async () => {
    const standing = [identityService];
    expect(await verdict('deprecate', standing, { until: now })).toBe(
      'invalid-claims /cmd/with/until',
    );
    expect(await verdict('deprecate', standing, { until: now + 1 })).toBe('done');
    expect(await verdict('retire', standing, { from: now - minute })).toBe('done');
    expect(await verdict('retire', standing, { from: now - minute - 1 })).toBe(
      'invalid-claims /cmd/with/from',
    );
    expect(await verdict('retire', standing, { from: now + 365 * day })).toBe('done');
  });

  it.each(['deprecate', 'retire'] as const)('.%s wants a reason without a number', async (name) => {
    for (const bad of ['', 'x', 'کد ۰۴۹۹۳۷۰۸۹۹', 7, null]) {
      const said = await verdict(name, [identityService], { reason: bad });
      expect(said).toMatch(/^invalid-claims \/cmd\/with\/reason/);
    }
  });

  it('move a retirement until it takes effect, and no further', async () => {
    const later = await run('retire', [identityService], { from: now + day });
    const by = senderOf(agency, { now: now + 1 });
    expect(await verdict('retire', later, { from: now + 2 * day }, by)).toBe('done');
    const over = senderOf(agency, { now: now + day });
    expect(await verdict('retire', later, { from: now + 2 * day }, over)).toBe('command-refused');
    expect(await verdict('deprecate', later, {}, over)).toBe('command-refused');
  });
});

describe('isAnswered', () => {
  it.each<readonly [string, JsonObject, boolean]>([
    ['an active service', {}, true],
    ['a deprecated one', { deprecated: { from: now - 1, until: now, reason } }, true],
    ['one that retires in a millisecond', retirement(now + 1), true],
    ['one that retires now', retirement(now), false],
    ['one that was retired without a time', { status: 'retired' }, false],
  ])('judges %s', (_, change, answered) => {
    expect(isAnswered(serviceWith(change), now)).toBe(answered);
  });
});

/** What may change once a version is published: where it is asked, and how it ends. */
const changing = ['endpoint', 'deprecated', 'retired', 'version'];

const lasting = (service: Service): unknown =>
  Object.entries(service).filter(([name]) => !changing.includes(name));

const isService = (entry: RegistryEntry): entry is Service => entry.kind === 'service';

describe('any commands about services', () => {
  it('leave versions without a gap, that never change but to move and to end', async () => {
    const step = fc.record({
      name: fc.constantFrom(...names),
      place: fc.integer({ min: 1, max: 5 }),
      sender: fc.constantFrom(agency, 'agency:post'),
      wait: fc.constantFrom(0, 1, day),
      from: fc.integer({ min: -2 * minute, max: 2 * day }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        let standing: readonly RegistryEntry[] = [];
        let time = now;
        for (const { name, place, sender, wait, from } of steps) {
          time += wait;
          const sent: Readonly<Record<string, JsonValue>> = {
            ...contents[name],
            ref: `civil-registry/identity@${place}`,
            ...((name === 'deprecate' || name === 'retire') && { from: time + from }),
          };
          const by = senderOf(sender, { now: time });
          const planned = await planOrNothing(
            serviceCommands,
            `service.${name}`,
            sent,
            standing,
            by,
          );
          const next = after(standing, planned);
          for (const [at, before] of standing.entries()) {
            const later = next[at];
            if (later === undefined || !isService(before) || !isService(later))
              throw new Error(name);
            const isKept = isAnswered(before, time);
            expect(isKept ? lasting(later) : later).toEqual(isKept ? lasting(before) : before);
          }
          standing = next;
        }
        const refs = standing.filter(isService).map((service) => service.ref);
        expect(refs).toEqual(refs.map((_, at) => `civil-registry/identity@${at + 1}`));
      }),
      { numRuns: 200 },
    );
  });
});
