import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessDisputedExample } from '#events/access-disputed.ts';
import { censusTakenExample } from '#events/census-taken.ts';
import { holdSetExample } from '#events/hold-set.ts';
import { logReadExample } from '#events/log-read.ts';
import { registryChangedExample } from '#events/registry-changed.ts';
import { statementMadeExample } from '#events/statement-made.ts';
import { subjectErasedExample } from '#events/subject-erased.ts';
import { formatEntryLine, readEntryLine } from '#shared/audit/export/entry-line.ts';
import { viewOf } from '#shared/audit/export/view.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import {
  configLeaf,
  keyLeaf,
  lateLeaf,
  recordLeaf,
  registryLeaf,
} from '#tests/support/log-leaves.ts';
import { makeKey, testNow, withInquiry } from '#tests/support/messages.ts';
import {
  changeLeaf,
  changes,
  eventOf,
  officers,
  timeOfChange,
} from '#tests/unit/verify/sample-commands.ts';
import { bentLine, lineOf } from '#tests/unit/verify/sample-export.ts';
import { cast, inquiryAt } from '#tests/unit/verify/sample-log.ts';

const facts = { firstName: 'نام‌آزمایشی' };
const sample = await inquiryAt(0, { request: { facts }, response: { facts } });
const { id, data } = sample;

describe('viewOf', () => {
  it('decodes an inquiry', () => {
    expect(viewOf(data)).toEqual({
      kind: 'inquiry',
      id,
      time: new Date(testNow).toISOString(),
      counter: 'counter:72110345',
      agency: 'agency:civil-registry',
      seq: 1842,
      service: 'civil-registry/identity@1',
      purpose: 'pension-enrolment',
      basis: 'civil-code-1.12',
      station: 'till-3',
      presence: 'in-person',
      effect: 'allow',
      rule: 'open-service',
      outcome: 'FOUND',
      ms: 180,
    });
  });

  it('of an inquiry that was asked for a counter names both', async () => {
    const counter = await makeKey('ES256', 'vendor:rayan');
    const asked = await inquiryAt(0, {
      counter,
      request: { claims: withInquiry({ for: 'counter:72110346' }) },
    });
    expect(viewOf(asked.data)).toMatchObject({ counter: 'counter:72110346', by: 'vendor:rayan' });
    expect(viewOf(data)).not.toHaveProperty('by');
  });

  it('holds nothing of a person', () => {
    const text = JSON.stringify(viewOf(data));
    for (const value of Object.values(facts)) expect(text).not.toContain(value);
  });

  it('decodes the records', () => {
    const time = new Date(testNow - 60_000).toISOString();
    expect(viewOf(configLeaf())).toEqual({
      kind: 'config',
      time,
      origin: 'exchange.example/log/0',
      shard: 0,
      shards: 1,
    });
    const { kid } = cast.counter;
    const key = viewOf(keyLeaf(cast.exchange));
    expect(key).toMatchObject({ kind: 'key', time, kid: cast.exchange.kid });
    const changed = viewOf(registryLeaf(cast.counter));
    expect(changed).toMatchObject({ kind: 'registry', time, item: 'key', key: kid, version: 1 });
    expect(viewOf(lateLeaf(id, data, testNow))).toMatchObject({ kind: 'late', id });
  });

  it('decodes a change by a command: who did what to which entries, and nothing else', async () => {
    const leaf = changes[4] ?? utf8('');
    const { id: own } = eventOf(leaf);
    expect(viewOf(leaf)).toEqual({
      kind: 'registry',
      id: own,
      time: new Date(timeOfChange(5)).toISOString(),
      do: 'key.add',
      iss: officers.registrar.owner,
      n: 5,
      entries: [{ kind: 'key', key: cast.counter.kid, version: 1 }],
    });
    const bent = await changeLeaf(5, {
      event: (made) => ({ ...made, command: 'x.y.z', entries: '{' }),
    });
    expect(viewOf(bent)).toEqual({
      kind: 'registry',
      id: eventOf(bent).id,
      time: new Date(timeOfChange(5)).toISOString(),
      n: 5,
    });
  });

  it('decodes what was done with the log', () => {
    const common = { id: logReadExample.id, time: '2027-01-15T08:00:00.000Z' };
    const read = { by: 'auditor:inspection', act: 'entries', n: 42 };
    expect(viewOf(recordLeaf({ ...logReadExample }))).toEqual({
      kind: 'access',
      ...common,
      ...read,
    });
    const ordered = { ...logReadExample, order: 'court-12', reason: 'A complaint.' };
    expect(viewOf(recordLeaf(ordered))).toEqual({
      kind: 'access',
      ...common,
      ...read,
      order: 'court-12',
    });
    expect(viewOf(recordLeaf({ ...subjectErasedExample }))).toEqual({
      kind: 'erase',
      ...common,
      by: 'auditor:inspection',
      what: 'subject',
      n: 7,
    });
    expect(viewOf(recordLeaf({ ...holdSetExample }))).toEqual({
      kind: 'hold',
      ...common,
      by: 'registrar:cra',
      order: 'court-12/05-779',
      what: 'placed',
      held: 'subject',
    });
    const { from, to, root } = censusTakenExample;
    expect(viewOf(recordLeaf({ ...censusTakenExample }))).toEqual({
      kind: 'census',
      ...common,
      from,
      to,
      n: 250,
      root,
    });
    const { inquiry, ground } = accessDisputedExample;
    expect(viewOf(recordLeaf({ ...accessDisputedExample }))).toEqual({
      kind: 'dispute',
      ...common,
      inquiry,
      ground,
    });
  });

  it('decodes of a statement whose it is and for which day, if it says so', () => {
    const common = {
      kind: 'statement',
      id: statementMadeExample.id,
      time: '2027-01-15T08:00:00.000Z',
    };
    expect(viewOf(recordLeaf({ ...statementMadeExample }))).toEqual({
      ...common,
      iss: 'counter:72110345',
      day: '2027-01-14',
    });
    const jws = (payload: string): string =>
      `e30.${Buffer.from(payload, 'utf8').toString('base64url')}.AA`;
    for (const payload of ['{}', '[]', 'x', '{"iss":1,"stm":{"day":2}}', '{"iss":"a"}']) {
      const leaf = recordLeaf({ ...statementMadeExample, statement: jws(payload) });
      expect(viewOf(leaf)).toEqual(common);
    }
  });

  it('decodes what stood before there were commands as it always did', () => {
    const text = canonicalJson({ ...registryChangedExample });
    expect(canonicalJson(viewOf(recordLeafData(text)))).toBe(
      '{"id":"01a9b4a5-3800-7abc-9def-0123456789ab","item":"participant","key":"counter:72110345",' +
        '"kind":"registry","time":"2027-01-15T08:00:00.000Z","version":1}',
    );
  });

  it('says of a record that it does not know what every record has', () => {
    const record = { v: 1, k: 'constructor', id, t: testNow, secret: 'x' };
    expect(viewOf(recordLeafData(canonicalJson(record)))).toEqual({
      kind: 'constructor',
      id,
      time: new Date(testNow).toISOString(),
    });
  });

  it('leaves out a request that cannot be read', () => {
    const [first = '', second = ''] = Buffer.from(data).toString('utf8').split('\n');
    const other = first.replace(sample.intent.req, 'x.y.z');
    const view = viewOf(utf8(`${other}\n${second}\n`));
    expect(view).toMatchObject({ kind: 'inquiry', id, outcome: 'FOUND' });
    expect(view).not.toHaveProperty('counter');
  });

  it('has one for every leaf, and always the same', () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    const json = fc
      .dictionary(fc.constantFrom('k', 'id', 't', 'req', 'dec', 'kid'), fc.jsonValue())
      .map((value) => utf8(`${JSON.stringify(value)}\n`));
    fc.assert(
      fc.property(fc.oneof(noise, json), (bytes) => {
        expect(viewOf(bytes)).toEqual(viewOf(Uint8Array.from(bytes)));
      }),
    );
    for (const none of ['', '\n', '{}', '{}\n', '[]\n', '{"k":"i"}\n{"k":"o"}\n']) {
      expect(viewOf(utf8(none))).toEqual({ kind: 'unread' });
    }
    const never = { v: 1, k: 'key', id, t: 8_640_000_000_000_001 };
    expect(viewOf(recordLeafData(canonicalJson(never)))).toEqual({ kind: 'unread' });
  });
});

const read = (line: string) => readEntryLine(utf8(line));

describe('the line of an entry', () => {
  it('comes back as it was written', () => {
    const opened = fc.record({
      request: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }),
      response: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.record({
          shard: fc.nat(),
          index: fc.maxSafeNat(),
          data: fc.uint8Array({ maxLength: 400 }),
          disclosures: fc.option(opened, { nil: undefined }),
        }),
        (entry) => {
          const line = utf8(formatEntryLine(entry).slice(0, -1));
          expect(readEntryLine(line)).toEqual({
            kind: 'read',
            entry: { ...entry, data: Buffer.from(entry.data) },
            right: viewOf(entry.data),
          });
        },
      ),
    );
  });

  const right = lineOf({ shard: 0, index: 4, data });

  it.each<readonly [string, string]>([
    ['no JSON', 'x'],
    ['an unknown member', bentLine(right, (line) => ({ ...line, note: 'x' }))],
    ['a leaf in base64url', bentLine(right, (line) => ({ ...line, leaf: '-_==' }))],
    ['a leaf with surplus bits', bentLine(right, (line) => ({ ...line, leaf: 'AB==' }))],
    ['a leaf without its padding', bentLine(right, (line) => ({ ...line, leaf: 'AA' }))],
    [
      'a leaf that no bundle holds',
      bentLine(right, (line) => ({ ...line, leaf: 'A'.repeat(87_384) })),
    ],
    [
      'disclosures that open nothing',
      bentLine(right, (line) => ({ ...line, disclosures: { request: [], response: [] } })),
    ],
    [
      'disclosures of nobody',
      bentLine(right, (line) => ({ ...line, disclosures: { other: ['x'] } })),
    ],
    ['no view', bentLine(right, ({ view: _, ...line }) => line)],
  ])('is refused with %s', (_, line) => {
    expect(read(line)).toEqual({ kind: 'malformed' });
  });

  it('shows that its view is another, or its spelling', () => {
    expect(read(right)).toMatchObject({ kind: 'read', entry: { shard: 0, index: 4 } });
    expect(read(right)).not.toHaveProperty('wrong');
    const other = bentLine(right, (line) => ({ ...line, view: { kind: 'inquiry' } }));
    expect(read(other)).toMatchObject({ wrong: 'view' });
    expect(read(right.replace('{', '{ '))).toMatchObject({ wrong: 'spelling' });
  });
});
