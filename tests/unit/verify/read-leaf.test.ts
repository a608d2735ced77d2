import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessDisputedExample } from '#events/access-disputed.ts';
import { censusTakenExample } from '#events/census-taken.ts';
import { configSetExample } from '#events/config-set.ts';
import { entryLateExample } from '#events/entry-late.ts';
import { holdSetExample } from '#events/hold-set.ts';
import { inquiryAnsweredExample } from '#events/inquiry-answered.ts';
import { inquiryAskedExample } from '#events/inquiry-asked.ts';
import { keyAnnouncedExample } from '#events/key-announced.ts';
import { keyPublishedExample } from '#events/key-published.ts';
import { logReadExample } from '#events/log-read.ts';
import { registryChangedExample } from '#events/registry-changed.ts';
import { registryCommandedExample } from '#events/registry-commanded.ts';
import { statementMadeExample } from '#events/statement-made.ts';
import { subjectErasedExample } from '#events/subject-erased.ts';
import { leafData, recordLeafData } from '#shared/audit/leaf.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { sha256Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { inquiryAt } from './sample-log.ts';

const asked = canonicalJson({ ...inquiryAskedExample });
const answered = (change: object = {}): string =>
  JSON.stringify({ ...inquiryAnsweredExample, i: sha256Url(asked), ...change });

const faultOf = (...lines: readonly string[]): string | undefined =>
  readLeaf(utf8(lines.map((line) => `${line}\n`).join(''))).fault;

describe('readLeaf', () => {
  it('reads an inquiry of two lines', async () => {
    const { data, id } = await inquiryAt(0);
    expect(readLeaf(data).leaf).toMatchObject({ kind: 'inquiry', id });
    expect(readLeaf(leafData(asked, answered())).leaf?.kind).toBe('inquiry');
  });

  it.each([
    ['config', configSetExample],
    ['late', entryLateExample],
    ['key', keyPublishedExample],
    ['key', keyAnnouncedExample],
    ['registry', registryChangedExample],
    ['command', registryCommandedExample],
    ['access', logReadExample],
    ['erase', subjectErasedExample],
    ['hold', holdSetExample],
    ['census', censusTakenExample],
    ['statement', statementMadeExample],
    ['dispute', accessDisputedExample],
  ])('reads the record %s of one line', (kind, example) => {
    const data = recordLeafData(canonicalJson({ ...example }));
    expect(readLeaf(data).leaf).toMatchObject({ kind, event: example });
  });

  it.each([
    ['nothing', ''],
    ['no newline at the end', asked],
    ['an empty line alone', '\n'],
    ['an empty first line', `\n${asked}\n`],
    ['an empty second line', `${asked}\n\n`],
    ['three lines', `${asked}\n${answered()}\n${answered()}\n`],
    ['an end without a newline', `${asked}\n${answered()}`],
  ])('refuses %s as not-lines', (_, text) => {
    expect(readLeaf(utf8(text)).fault).toBe('not-lines');
  });

  it('refuses what is no strict JSON object', () => {
    expect(faultOf('[]')).toBe('not-json');
    expect(faultOf('{"a":1,"a":1}')).toBe('not-json');
    expect(faultOf(asked, '{"k":"o"')).toBe('not-json');
    expect(faultOf('{', answered())).toBe('not-json');
  });

  it('refuses kinds that it does not know, and known ones in the wrong place', () => {
    expect(faultOf('{"k":"erasure"}')).toBe('unknown-kind');
    expect(faultOf('{}')).toBe('unknown-kind');
    expect(faultOf(asked)).toBe('unknown-kind');
    expect(faultOf(answered(), asked)).toBe('unknown-kind');
    expect(faultOf(asked, asked)).toBe('unknown-kind');
  });

  it('refuses members that are missing, surplus or of another form', () => {
    expect(faultOf(asked, answered({ note: 'x' }))).toBe('wrong-members');
    expect(faultOf(asked, answered({ out: 'found' }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...configSetExample, slots: 0 }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...registryChangedExample, v: 2 }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...registryCommandedExample, v: 1 }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...registryCommandedExample, v: 3 }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...registryCommandedExample, id: 'x' }))).toBe('wrong-id');
    expect(faultOf(canonicalJson({ ...registryChangedExample, kind: 'person' }))).toBe(
      'wrong-members',
    );
  });

  it.each([
    ['access', logReadExample],
    ['erase', subjectErasedExample],
    ['hold', holdSetExample],
    ['census', censusTakenExample],
    ['statement', statementMadeExample],
    ['dispute', accessDisputedExample],
  ])('refuses %s with a member more, without one, of another version or id', (_, example) => {
    const bent = (change: object): string | undefined =>
      faultOf(JSON.stringify({ ...example, ...change }));
    expect(bent({})).toBeUndefined();
    for (const change of [{ note: 'x' }, { v: 2 }, { v: undefined }, { t: '1' }]) {
      expect(bent(change)).toBe('wrong-members');
    }
    expect(bent({ id: '01a9b4a5-3800-4abc-9def-0123456789ab' })).toBe('wrong-id');
    expect(faultOf(JSON.stringify(example), answered())).toBe('unknown-kind');
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['spaces', '{ "a":1}'],
    ['another order', '{"b":1,"a":1}'],
    ['a member twice', '{"a":1,"a":1}'],
    ['another spelling', '{"a":"\\u0041"}'],
    ['something behind it', '{"a":1} '],
  ])('refuses what was asked, or counted, that is %s and no RFC 8785 object', (_, text) => {
    expect(faultOf(canonicalJson({ ...logReadExample, filter: text }))).toBe('wrong-members');
    expect(faultOf(canonicalJson({ ...censusTakenExample, counts: text }))).toBe('wrong-members');
    const right = canonicalJson({ ...logReadExample, filter: '{"a":1,"b":1}' });
    expect(faultOf(right)).toBeUndefined();
  });

  it('refuses an id that is no UUIDv7', () => {
    const id = '01a9b4a5-3800-4abc-9def-0123456789ab';
    expect(faultOf(canonicalJson({ ...keyPublishedExample, id }))).toBe('wrong-id');
    const other = canonicalJson({ ...inquiryAskedExample, id });
    expect(faultOf(other, answered({ id, i: sha256Url(other) }))).toBe('wrong-id');
  });

  it('refuses an outcome of another inquiry, or for another intent', () => {
    expect(faultOf(asked, answered({ id: '01a9b4a5-3800-7abc-9def-0123456789ac' }))).toBe(
      'ids-differ',
    );
    expect(faultOf(asked, answered({ i: sha256Url('x') }))).toBe('intent-differs');
    expect(faultOf(asked.replace('"registry":12', '"registry":13'), answered())).toBe(
      'intent-differs',
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { leaf, fault } = readLeaf(bytes);
        expect(leaf === undefined).toBe(fault !== undefined);
      }),
    );
  });
});
