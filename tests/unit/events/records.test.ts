import { describe, expect, it } from 'vitest';
import { ConfigSet, configSetExample, configSetVersion } from '#events/config-set.ts';
import { EntryLate, entryLateExample, entryLateVersion } from '#events/entry-late.ts';
import {
  InquiryAnswered,
  inquiryAnsweredExample,
  inquiryAnsweredVersion,
} from '#events/inquiry-answered.ts';
import { InquiryAsked, inquiryAskedExample, inquiryAskedVersion } from '#events/inquiry-asked.ts';
import { KeyAnnounced, keyAnnouncedExample, keyAnnouncedVersion } from '#events/key-announced.ts';
import { KeyPublished, keyPublishedExample, keyPublishedVersion } from '#events/key-published.ts';
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
