import { describe, expect, it } from 'vitest';
import {
  AccessDisputed,
  accessDisputedExample,
  accessDisputedVersion,
} from '#events/access-disputed.ts';
import { CensusTaken, censusTakenExample, censusTakenVersion } from '#events/census-taken.ts';
import { ConfigSet, configSetExample, configSetVersion } from '#events/config-set.ts';
import { EntryLate, entryLateExample, entryLateVersion } from '#events/entry-late.ts';
import { HoldSet, holdSetExample, holdSetVersion } from '#events/hold-set.ts';
import {
  InquiryAnswered,
  inquiryAnsweredExample,
  inquiryAnsweredVersion,
} from '#events/inquiry-answered.ts';
import { InquiryAsked, inquiryAskedExample, inquiryAskedVersion } from '#events/inquiry-asked.ts';
import { KeyAnnounced, keyAnnouncedExample, keyAnnouncedVersion } from '#events/key-announced.ts';
import { KeyPublished, keyPublishedExample, keyPublishedVersion } from '#events/key-published.ts';
import { LogRead, logReadExample, logReadVersion } from '#events/log-read.ts';
import { OrderNumber } from '#events/names.ts';
import { Outcome } from '#events/outcome.ts';
import {
  RegistryChanged,
  registryChangedExample,
  registryChangedVersion,
} from '#events/registry-changed.ts';
import {
  RegistryCommanded,
  registryCommandedExample,
  registryCommandedVersion,
} from '#events/registry-commanded.ts';
import {
  StatementMade,
  statementMadeExample,
  statementMadeVersion,
} from '#events/statement-made.ts';
import {
  SubjectErased,
  subjectErasedExample,
  subjectErasedVersion,
} from '#events/subject-erased.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';

const records = [
  {
    name: 'InquiryAsked',
    schema: InquiryAsked,
    example: inquiryAskedExample,
    version: inquiryAskedVersion,
    required: ['v', 'k', 'id', 't', 'dec', 'req'],
  },
  {
    name: 'InquiryAnswered',
    schema: InquiryAnswered,
    example: inquiryAnsweredExample,
    version: inquiryAnsweredVersion,
    required: ['v', 'k', 'id', 'i', 't', 'out', 'http', 'ms'],
  },
  {
    name: 'KeyPublished',
    schema: KeyPublished,
    example: keyPublishedExample,
    version: keyPublishedVersion,
    required: ['v', 'k', 'id', 't', 'kid', 'jwk'],
  },
  {
    name: 'KeyAnnounced',
    schema: KeyAnnounced,
    example: keyAnnouncedExample,
    version: keyAnnouncedVersion,
    required: ['v', 'k', 'id', 't', 'kid', 'jwk', 'from'],
  },
  {
    name: 'RegistryChanged',
    schema: RegistryChanged,
    example: registryChangedExample,
    version: registryChangedVersion,
    required: ['v', 'k', 'id', 't', 'kind', 'key', 'n', 'entry'],
  },
  {
    name: 'RegistryCommanded',
    schema: RegistryCommanded,
    example: registryCommandedExample,
    version: registryCommandedVersion,
    required: ['v', 'k', 'id', 't', 'n', 'command', 'entries'],
  },
  {
    name: 'ConfigSet',
    schema: ConfigSet,
    example: configSetExample,
    version: configSetVersion,
    required: ['v', 'k', 't', 'origin', 'shard', 'shards', 'slots', 'mmd'],
  },
  {
    name: 'EntryLate',
    schema: EntryLate,
    example: entryLateExample,
    version: entryLateVersion,
    required: ['v', 'k', 'id', 't', 'leaf'],
  },
  {
    name: 'LogRead',
    schema: LogRead,
    example: logReadExample,
    version: logReadVersion,
    required: ['v', 'k', 'id', 't', 'by', 'kid', 'act', 'filter', 'n'],
  },
  {
    name: 'SubjectErased',
    schema: SubjectErased,
    example: subjectErasedExample,
    version: subjectErasedVersion,
    required: ['v', 'k', 'id', 't', 'by', 'order', 'what', 'n'],
  },
  {
    name: 'HoldSet',
    schema: HoldSet,
    example: holdSetExample,
    version: holdSetVersion,
    required: ['v', 'k', 'id', 't', 'by', 'order', 'what', 'kind'],
  },
  {
    name: 'CensusTaken',
    schema: CensusTaken,
    example: censusTakenExample,
    version: censusTakenVersion,
    required: ['v', 'k', 'id', 't', 'shard', 'from', 'to', 'n', 'root', 'counts'],
  },
  {
    name: 'StatementMade',
    schema: StatementMade,
    example: statementMadeExample,
    version: statementMadeVersion,
    required: ['v', 'k', 'id', 't', 'statement'],
  },
  {
    name: 'AccessDisputed',
    schema: AccessDisputed,
    example: accessDisputedExample,
    version: accessDisputedVersion,
    required: ['v', 'k', 'id', 't', 'inquiry', 'ground'],
  },
];

describe.each(records)('$name', ({ schema, example, version, required }) => {
  it('accepts its example, unchanged', () => {
    expect(schema.parse(example)).toEqual(example);
    expect(example.v).toBe(version);
  });

  it('refuses a member that it does not know: what is recorded is agreed on first', () => {
    expect(schema.safeParse({ ...example, note: 'x' }).success).toBe(false);
  });

  it('refuses a record that lacks any of its members', () => {
    for (const name of required) {
      expect(schema.safeParse({ ...example, [name]: undefined }).success).toBe(false);
    }
  });

  it('refuses another version and another kind', () => {
    expect(schema.safeParse({ ...example, v: version + 1 }).success).toBe(false);
    expect(schema.safeParse({ ...example, k: 'x' }).success).toBe(false);
  });

  it('refuses a time that is no integer', () => {
    expect(schema.safeParse({ ...example, t: 1.5 }).success).toBe(false);
    expect(schema.safeParse({ ...example, t: '1800000000000' }).success).toBe(false);
  });
});

describe('InquiryAsked', () => {
  it('refuses a decision with more to say than effect, rule and registry', () => {
    const dec = { ...inquiryAskedExample.dec, reason: 'x' };
    expect(InquiryAsked.safeParse({ ...inquiryAskedExample, dec }).success).toBe(false);
  });

  it('has the canonical form that the log holds, for ever', () => {
    const { v, k, id, t, dec, req } = inquiryAskedExample;
    expect(canonicalJson({ v, k, id, t, dec, req })).toBe(
      '{"dec":{"effect":"allow","registry":12,"rule":"open-service"},' +
        '"id":"01a9b4a5-3800-7abc-9def-0123456789ab","k":"i",' +
        '"req":"eyJhbGciOiJFUzI1NiJ9.e30.AA","t":1800000000000,"v":1}',
    );
  });
});

describe('RegistryCommanded', () => {
  it('counts changes from 1 on, and holds a command', () => {
    for (const bent of [{ n: 0 }, { n: 1.5 }, { command: '' }]) {
      expect(RegistryCommanded.safeParse({ ...registryCommandedExample, ...bent }).success).toBe(
        false,
      );
    }
  });

  it('shares its kind with what stood before there were commands, and not its version', () => {
    expect(registryCommandedExample.k).toBe(registryChangedExample.k);
    expect(RegistryChanged.safeParse(registryCommandedExample).success).toBe(false);
    expect(RegistryCommanded.safeParse(registryChangedExample).success).toBe(false);
  });
});

/** Each record with one member bent, as `[what, schema, record]`. */
const bent = [
  ['a reader without a role', LogRead, { ...logReadExample, by: 'inspection' }],
  ['a reader in capitals', LogRead, { ...logReadExample, by: 'auditor:Inspection' }],
  ['a key that is no thumbprint', LogRead, { ...logReadExample, kid: 'x' }],
  ['an act that nobody knows', LogRead, { ...logReadExample, act: 'peek' }],
  ['fewer than no entries', LogRead, { ...logReadExample, n: -1 }],
  ['half an entry', LogRead, { ...logReadExample, n: 0.5 }],
  ['a filter that is no text', LogRead, { ...logReadExample, filter: {} }],
  ['a reason without words', LogRead, { ...logReadExample, reason: '' }],
  ['a reason without end', LogRead, { ...logReadExample, reason: 'x'.repeat(301) }],
  ['an order with a number in it', LogRead, { ...logReadExample, order: '0012345678' }],
  ['an erasure without an order', SubjectErased, { ...subjectErasedExample, order: '' }],
  ['an erasure of something else', SubjectErased, { ...subjectErasedExample, what: 'log' }],
  ['an erasure that says of which', SubjectErased, { ...subjectErasedExample, ids: [] }],
  ['a hold without an order', HoldSet, { ...holdSetExample, order: undefined }],
  ['a hold that says of whom', HoldSet, { ...holdSetExample, subject: 'x' }],
  ['a hold of something else', HoldSet, { ...holdSetExample, kind: 'log' }],
  ['a hold that was forgotten', HoldSet, { ...holdSetExample, what: 'lapsed' }],
  ['a census that ends before it begins', CensusTaken, { ...censusTakenExample, to: 1000, n: 0 }],
  ['a census of more than there are', CensusTaken, { ...censusTakenExample, n: 257 }],
  ['a census without a root', CensusTaken, { ...censusTakenExample, root: '' }],
  ['a census of no log', CensusTaken, { ...censusTakenExample, shard: -1 }],
  ['a statement with disclosures', StatementMade, { ...statementMadeExample, statement: 'a.b.c~' }],
  ['a statement of two parts', StatementMade, { ...statementMadeExample, statement: 'a.b' }],
  ['a dispute of no inquiry', AccessDisputed, { ...accessDisputedExample, inquiry: 'x' }],
  ['a dispute with words', AccessDisputed, { ...accessDisputedExample, ground: 'I was away' }],
] as const;

describe('what was done with the log', () => {
  it.each(bent)('is refused: %s', (_, schema, record) => {
    expect(schema.safeParse(record).success).toBe(false);
  });

  it('is read with an order and a reason, where there are any', () => {
    const read = { ...logReadExample, order: 'court-12/05-778', reason: 'A complaint.' };
    expect(LogRead.parse(read)).toEqual(read);
  });

  it('is counted where nothing stands as well', () => {
    const empty = { ...censusTakenExample, to: censusTakenExample.from, n: 0 };
    expect(CensusTaken.parse(empty)).toEqual(empty);
  });

  it('names its order without room for the number of a person', () => {
    for (const order of ['1405-778', 'A1', 'court-12/05-778', '12345678', 'x1234567y89']) {
      expect(OrderNumber.safeParse(order).success).toBe(true);
    }
    for (const order of ['123456789', '1234-56789', 'a/1.2.3.4.5.6.7.8.9', 'a b', '-a', '۱۲']) {
      expect(OrderNumber.safeParse(order).success).toBe(false);
    }
    expect(OrderNumber.safeParse('a'.repeat(65)).success).toBe(false);
  });
});

describe('Outcome', () => {
  it('is the closed list of the protocol', () => {
    expect(Outcome.options).toEqual([
      'MATCH',
      'NO_MATCH',
      'FOUND',
      'NOT_FOUND',
      'INDETERMINATE',
      'REFUSED',
      'DENIED',
      'PENDING',
      'SOURCE_UNAVAILABLE',
      'TIMEOUT',
      'INVALID_ANSWER',
      'ABORTED',
    ]);
  });

  it('takes no other spelling', () => {
    for (const other of ['match', 'NO-MATCH', 'NOMATCH', '', 'UNKNOWN']) {
      expect(Outcome.safeParse(other).success).toBe(false);
    }
  });
});
