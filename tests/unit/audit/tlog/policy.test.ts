import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPolicy,
  isQuorum,
  keysOf,
  type Policy,
  PolicyInvalid,
  parsePolicy,
  satisfies,
} from '#shared/audit/tlog/policy.ts';
import { formatVerifierKey, verifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { concat, utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';

const vkey = (name: string): string => formatVerifierKey(noteKey(name, 'cosignature').verifier);
const logKey = (name: string): string => formatVerifierKey(noteKey(name, 'ed25519').verifier);

const parse = (...lines: readonly string[]): Policy => parsePolicy(utf8(`${lines.join('\n')}\n`));

const reasonOf = (bytes: Uint8Array): string => {
  try {
    parsePolicy(bytes);
    return 'accepted';
  } catch (error) {
    return error instanceof PolicyInvalid ? `${error.line}: ${error.message}` : 'another error';
  }
};

const refusal = (...lines: readonly string[]): string => reasonOf(utf8(`${lines.join('\n')}\n`));

const log = `log ${logKey('log.example')}`;
const three = ['a', 'b', 'c'].map((name) => `witness ${name} ${vkey(name)}`);

/** The policy of the example in C2SP tlog-policy. */
const example = [
  log,
  '',
  ...['X1', 'X2', 'X3'].map((name) => `witness ${name} ${vkey(name)}`),
  'group X-witnesses 2 X1 X2 X3',
  '',
  ...['Y1', 'Y2', 'Y3'].map((name) => `witness ${name} ${vkey(name)}`),
  'group Y-witnesses any Y1 Y2 Y3',
  '',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
];

const holds = (policy: Policy, names: readonly string[]): boolean =>
  isQuorum(
    policy,
    names.map((name) => noteKey(name, 'cosignature').verifier),
  );

describe('a policy', () => {
  it.each([
    [['X1', 'X2', 'Y1'], true],
    [['X1', 'X3', 'Y3'], true],
    [['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'], true],
    [['X1', 'Y1', 'Y2', 'Y3'], false],
    [['X1', 'X2', 'X3'], false],
    [['X1', 'X1', 'Y1'], false],
    [['X1', 'stranger', 'Y1'], false],
    [[], false],
  ])('of the specification: %j are enough is %s', (names, enough) => {
    expect(holds(parse(...example), names)).toBe(enough);
  });

  it('of one witness wants that one', () => {
    const policy = parse(...three, 'quorum b');
    expect(holds(policy, ['b'])).toBe(true);
    expect(holds(policy, ['a', 'c'])).toBe(false);
  });

  it('with no quorum wants nobody, and may name no log', () => {
    const policy = parse('quorum none');
    expect(policy).toEqual({ logs: [], witnesses: [], groups: [], quorum: 'none' });
    expect(holds(policy, [])).toBe(true);
  });

  it.each([
    ['any', 1],
    ['all', 3],
    ['1', 1],
    ['3', 3],
  ])('of a group with the threshold %s wants %i', (word, threshold) => {
    const policy = parse(...three, `group g ${word} a b c`, 'quorum g');
    expect(policy.groups).toEqual([{ name: 'g', threshold, members: ['a', 'b', 'c'] }]);
    expect(holds(policy, ['a', 'b', 'c'].slice(0, threshold))).toBe(true);
    expect(holds(policy, ['a', 'b', 'c'].slice(0, threshold - 1))).toBe(false);
  });

  it('knows a witness by its key, not by the name in the policy', () => {
    const policy = parse(`witness a ${vkey('b')}`, 'quorum a');
    expect(holds(policy, ['a'])).toBe(false);
    expect(holds(policy, ['b'])).toBe(true);
  });

  it('takes no key of a log for a witness, though the public key is the same', () => {
    const policy = parse(`witness a ${vkey('a')}`, 'quorum a');
    expect(isQuorum(policy, [noteKey('a', 'ed25519').verifier])).toBe(false);
  });

  it('takes spaces and tabs, empty lines, comments, and any order of witnesses', () => {
    const policy = parse(
      '# who watches: \u{1f441}',
      '\t # indented',
      ' \t ',
      `\t witness \t a  ${vkey('a')}\thttps://a.example/ \t`,
      'quorum\ta',
      `witness b ${vkey('b')}`,
      log,
    );
    expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['a', 'https://a.example/'],
      ['b', undefined],
    ]);
    expect(policy.logs.length).toBe(1);
  });

  it('may end without a newline', () => {
    expect(reasonOf(utf8('quorum none'))).toBe('accepted');
  });

  it('may use the words of the format as names', () => {
    const policy = parse(
      `witness all ${vkey('a')}`,
      `witness any ${vkey('b')}`,
      'group 2 all all any',
      'quorum 2',
    );
    expect(holds(policy, ['a', 'b'])).toBe(true);
    expect(holds(policy, ['a'])).toBe(false);
  });

  it('may use names that every object has', () => {
    const policy = parse(
      `witness __proto__ ${vkey('a')}`,
      'group constructor all __proto__',
      'quorum constructor',
    );
    expect(holds(policy, ['a'])).toBe(true);
    expect(holds(policy, [])).toBe(false);
  });

  it('takes letters beyond ASCII as octets: a Kelvin sign is no K', () => {
    const policy = parse(`witness K ${vkey('a')}`, `witness \u212a ${vkey('b')}`, 'quorum \u212a');
    expect(holds(policy, ['a'])).toBe(false);
    expect(holds(policy, ['b'])).toBe(true);
    const octets = concat(
      utf8(`witness `),
      Uint8Array.of(0x80, 0xff),
      utf8(` ${vkey('a')}\nquorum `),
      Uint8Array.of(0x80, 0xff),
      utf8('\n'),
    );
    expect(parsePolicy(octets).quorum).toBe('\u0080\u00ff');
  });

  it('takes a no-break space for a letter of a name, not for a space', () => {
    expect(parse(`witness a\u00a0b ${vkey('a')}`, 'quorum a\u00a0b').witnesses.length).toBe(1);
  });

  it('takes names of keys beyond ASCII', () => {
    const policy = parse(`log ${logKey('زاگرس.example')}`, 'quorum none');
    expect(policy.logs.map(({ key }) => key.name)).toEqual(['زاگرس.example']);
  });

  it('may have 64 lines of a kind, and not 65', () => {
    const witnesses = Array.from({ length: 65 }, (_, n) => `witness w${n} ${vkey(`w${n}`)}`);
    expect(parse(...witnesses.slice(0, 64), 'quorum none').witnesses.length).toBe(64);
    expect(refusal(...witnesses, 'quorum none')).toBe(
      '0: The policy has more than 64 lines of one kind.',
    );
  });
});

const key = vkey('d');
const cases: readonly (readonly [string, readonly string[], string])[] = [
  ['no quorum', [log], '0: The policy has no quorum.'],
  ['nothing', [''], '0: The policy has no quorum.'],
  ['two quorums', ['quorum none', 'quorum none'], '2: Line 2 of the policy is a second quorum.'],
  [
    'two quorums, one a name',
    [...three, 'quorum a', 'quorum b'],
    '5: Line 5 of the policy is a second quorum.',
  ],
  [
    'a quorum of nobody',
    ['quorum'],
    '1: Line 1 of the policy must name a witness, a group or none.',
  ],
  [
    'a quorum of two',
    [...three, 'quorum a b'],
    '4: Line 4 of the policy must name a witness, a group or none.',
  ],
  [
    'a quorum of a stranger',
    [...three, 'quorum d'],
    '4: Line 4 of the policy must name a witness, a group or none.',
  ],
  [
    'a quorum of a later witness',
    ['quorum a', ...three],
    '1: Line 1 of the policy must name a witness, a group or none.',
  ],
  [
    'a quorum of a log',
    [log, 'quorum log.example'],
    '2: Line 2 of the policy must name a witness, a group or none.',
  ],
  [
    'a threshold of 0',
    [...three, 'group g 0 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a threshold above its members',
    [...three, 'group g 3 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a threshold with a leading zero',
    [...three, 'group g 01 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a negative threshold',
    [...three, 'group g -1 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a signed threshold',
    [...three, 'group g +1 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a threshold in capitals',
    [...three, 'group g ANY a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'a threshold of 2^64 + 1',
    [...three, 'group g 18446744073709551617 a b'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'no threshold',
    [...three, 'group g a b c'],
    '4: Line 4 of the policy has a threshold that its members cannot reach.',
  ],
  [
    'no members',
    [...three, 'group g any'],
    '4: Line 4 of the policy must be: group <name> all|any|<k> <name>….',
  ],
  [
    'no members of all',
    [...three, 'group g all'],
    '4: Line 4 of the policy must be: group <name> all|any|<k> <name>….',
  ],
  [
    'a group without a name',
    ['group'],
    '1: Line 1 of the policy must be: group <name> all|any|<k> <name>….',
  ],
  [
    'an unknown member',
    [...three, 'group g any a d'],
    '4: Line 4 of the policy names a member that does not stand before it.',
  ],
  [
    'a member defined later',
    ['group g any a', ...three],
    '1: Line 1 of the policy names a member that does not stand before it.',
  ],
  [
    'itself as a member',
    [...three, 'group g any a g'],
    '4: Line 4 of the policy names a member that does not stand before it.',
  ],
  [
    'none as a member',
    [...three, 'group g any a none'],
    '4: Line 4 of the policy names a member that does not stand before it.',
  ],
  [
    'a log as a member',
    [log, 'group g any log.example'],
    '2: Line 2 of the policy names a member that does not stand before it.',
  ],
  [
    'a member twice',
    [...three, 'group g any a a'],
    '4: Line 4 of the policy names a member of another group, or one twice.',
  ],
  [
    'a member of two groups',
    [...three, 'group g any a b', 'group h any b c'],
    '5: Line 5 of the policy names a member of another group, or one twice.',
  ],
  [
    'a group in two groups',
    [...three, 'group g any a', 'group h any g b', 'group i any g c'],
    '6: Line 6 of the policy names a member of another group, or one twice.',
  ],
  [
    'a name of two witnesses',
    [...three, `witness a ${key}`],
    '4: Line 4 of the policy uses a name again.',
  ],
  [
    'a group with the name of a witness',
    [...three, 'group a any b'],
    '4: Line 4 of the policy uses a name again.',
  ],
  [
    'a witness with the name of a group',
    [...three, 'group d any b', `witness d ${key}`],
    '5: Line 5 of the policy uses a name again.',
  ],
  [
    'a witness of the name none',
    [`witness none ${key}`],
    '1: Line 1 of the policy uses a name again.',
  ],
  [
    'a group of the name none',
    [...three, 'group none any a'],
    '4: Line 4 of the policy uses a name again.',
  ],
  [
    'a witness twice',
    [...three, `witness d ${vkey('a')}`],
    '4: Line 4 of the policy names a witness again.',
  ],
  ['a log twice', [log, log], '2: Line 2 of the policy names a log again.'],
  [
    'a witness without a key',
    ['witness a'],
    '1: Line 1 of the policy must be: witness <name> <vkey> [<url>].',
  ],
  [
    'a witness without a name',
    [`witness ${key}`],
    '1: Line 1 of the policy must be: witness <name> <vkey> [<url>].',
  ],
  [
    'a word more',
    [`witness d ${key} https://d.example x`],
    '1: Line 1 of the policy must be: witness <name> <vkey> [<url>].',
  ],
  [
    'a comment behind',
    [`${log} https://x # log`],
    '1: Line 1 of the policy must be: log <vkey> [<url>].',
  ],
  ['a log without a key', ['log'], '1: Line 1 of the policy must be: log <vkey> [<url>].'],
  [
    'a key of a witness as a log',
    [`log ${key}`],
    '1: Line 1 of the policy holds a key of the wrong signature type.',
  ],
  [
    'a key of a log as a witness',
    [`witness a ${logKey('a')}`],
    '1: Line 1 of the policy holds a key of the wrong signature type.',
  ],
  [
    'a key with a wrong id',
    [`witness d ${key.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}`],
    '1: Line 1 of the policy holds a key that must not be used.',
  ],
  ['a key that is none', ['log x'], '1: Line 1 of the policy holds a key that must not be used.'],
  ['an unknown word', ['witnesses a'], '1: Line 1 of the policy begins with an unknown word.'],
  ['a word in capitals', ['Quorum none'], '1: Line 1 of the policy begins with an unknown word.'],
  [
    'a word that every object has',
    ['constructor none'],
    '1: Line 1 of the policy begins with an unknown word.',
  ],
  [
    'a byte-order mark',
    ['\ufeffquorum none'],
    '1: Line 1 of the policy begins with an unknown word.',
  ],
  ['CRLF', ['quorum none\r'], '1: Line 1 of the policy holds a control character.'],
  ['a zero', ['quorum none\u0000'], '1: Line 1 of the policy holds a control character.'],
  [
    'a form feed for a space',
    ['quorum\u000cnone'],
    '1: Line 1 of the policy holds a control character.',
  ],
  [
    'a delete in a comment',
    ['# x\u007f', 'quorum none'],
    '1: Line 1 of the policy holds a control character.',
  ],
  [
    'a no-break space for a space',
    ['quorum\u00a0none'],
    '1: Line 1 of the policy begins with an unknown word.',
  ],
  [
    '4,097 lines',
    Array.from({ length: 4096 }, () => '#'),
    '0: The policy has more than 4,096 lines.',
  ],
];

describe('parsePolicy refuses', () => {
  it.each(cases)('%s', (_, lines, reason) => {
    expect(refusal(...lines)).toBe(reason);
  });

  it('a public key twice, though under other names', () => {
    const { verifier } = noteKey('a', 'cosignature');
    const renamed = verifierKey('renamed.example', 'cosignature', verifier.publicKey);
    expect(renamed.id).not.toBe(verifier.id);
    expect(refusal(`witness x ${vkey('a')}`, `witness y ${formatVerifierKey(renamed)}`)).toBe(
      '2: Line 2 of the policy names a witness again.',
    );
  });

  it('and tells nothing of the text', () => {
    const told = refusal(...three, 'group secret any secret-member', 'quorum secret');
    expect(told).not.toContain('secret');
  });
});

/** Groups over witnesses, each member in one group at most, and what they come to. */
const anyPolicy = fc
  .record({
    count: fc.integer({ min: 1, max: 7 }),
    parts: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat()), { maxLength: 4 }),
    urls: fc.boolean(),
    mask: fc.nat({ max: 127 }),
  })
  .map(({ count, parts, urls, mask }) => {
    const names = Array.from({ length: count }, (_, n) => `w${n}`);
    const groups: { name: string; threshold: number; members: readonly string[] }[] = [];
    let free: readonly string[] = names;
    for (const [n, [wanted, seed]] of parts.entries()) {
      const members = free.slice(0, wanted);
      const name = `گروه-${n}`;
      groups.push({ name, threshold: 1 + (seed % members.length), members });
      free = [...free.slice(wanted), name];
    }
    return { names, groups, quorum: free.at(-1) ?? 'none', urls, mask };
  });

describe('a policy of groups in groups', () => {
  it('is written and read again; holds exactly when its tree of thresholds does', () => {
    fc.assert(
      fc.property(anyPolicy, ({ names, groups, quorum, urls, mask }) => {
        const lines = [
          `${log}${urls ? ' https://log.example/' : ''}`,
          ...names.map(
            (name) => `witness ${name} ${vkey(name)}${urls ? ` https://${name}/é` : ''}`,
          ),
          ...groups.map(
            ({ name, threshold, members }) => `group ${name} ${threshold} ${members.join(' ')}`,
          ),
          `quorum ${quorum}`,
        ];
        const policy = parse(...lines);
        const written = formatPolicy(policy, formatVerifierKey);
        expect(written).toBe(`${lines.join('\n')}\n`);
        expect(formatPolicy(parsePolicy(utf8(written)), formatVerifierKey)).toBe(written);

        const cosigned = names.filter((_, n) => (mask >> n) % 2 === 1);
        const isMet = (name: string): boolean => {
          const group = groups.find((one) => one.name === name);
          if (group === undefined) return cosigned.includes(name);
          return group.members.filter(isMet).length >= group.threshold;
        };
        expect(holds(policy, cosigned)).toBe(isMet(quorum));
      }),
      { numRuns: 40 },
    );
  });
});

describe('formatPolicy', () => {
  it('refuses names that are no octets of UTF-8', () => {
    const policy = parse(...three, 'quorum a');
    const write = (quorum: string) => () => formatPolicy({ ...policy, quorum }, formatVerifierKey);
    expect(write('\u0080')).toThrow(RangeError);
    expect(write('گ')).toThrow(RangeError);
  });
});

describe('satisfies', () => {
  const policy = parse(log, ...three, 'group g 2 a b c', 'quorum g');
  const note = { text: '', signatures: [] };
  const checkpoint = { origin: 'log.example', size: 1n, root: new Uint8Array(32), extensions: [] };
  const signedBy = [noteKey('log.example', 'ed25519').verifier];
  const by = (names: readonly string[]) =>
    names.map((name) => ({ key: noteKey(name, 'cosignature').verifier, time: 1 }));

  it('wants the log and its quorum', () => {
    const opened = { checkpoint, note, signedBy, cosignedBy: by(['a', 'b']) };
    expect(satisfies(policy, opened)).toBe(true);
    expect(satisfies(policy, { ...opened, cosignedBy: by(['a']) })).toBe(false);
    expect(satisfies(policy, { ...opened, signedBy: [] })).toBe(false);
  });
});

describe('keysOf', () => {
  it('is the keys of the logs, and those of the witnesses', () => {
    const { log: logs, witnesses } = keysOf(parse(log, ...three, 'quorum none'));
    expect(logs.map(({ name }) => name)).toEqual(['log.example']);
    expect(witnesses.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});
