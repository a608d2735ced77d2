import type { SignedCheckpoint } from './checkpoint.ts';
import { parseVerifierKey, type VerifierKey, VerifierKeyInvalid } from './verifier-key.ts';

/** The names and URLs of a policy are opaque octets: one character each, U+0021 to U+00FF. */
export type PolicyLog = { readonly key: VerifierKey; readonly url: string | undefined };
export type PolicyWitness = PolicyLog & { readonly name: string };
export type PolicyGroup = {
  readonly name: string;
  /** How many of its members make it count. */
  readonly threshold: number;
  readonly members: readonly string[];
};

/** Whom to believe about which logs (C2SP tlog-policy). */
export type Policy = {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** Each names only what stands before it. */
  readonly groups: readonly PolicyGroup[];
  /** A witness, a group, or `none`. */
  readonly quorum: string;
};

/** A policy that cannot be used: which line, and why. Holds nothing of the text. */
export class PolicyInvalid extends Error {
  override readonly name = 'PolicyInvalid';
  /** From 1; 0 for the whole. */
  readonly line: number;

  constructor(line: number, reason: string, options?: ErrorOptions) {
    super(line === 0 ? `The policy ${reason}.` : `Line ${line} of the policy ${reason}.`, options);
    this.line = line;
  }
}

/** The most lines of each kind. */
const limit = 64;

type Draft = {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  readonly names: Set<string>;
  quorum: string | undefined;
};

type Fail = (reason: string, cause?: unknown) => never;

const readKey = (text: string, type: VerifierKey['type'], fail: Fail): VerifierKey => {
  try {
    const key = parseVerifierKey(Buffer.from(text, 'latin1').toString('utf8'));
    if (key.type === type) return key;
  } catch (error) {
    if (error instanceof VerifierKeyInvalid)
      return fail('holds a key that must not be used', error);
    throw error;
  }
  return fail('holds a key of the wrong signature type');
};

const samePublicKey =
  (a: VerifierKey) =>
  (b: PolicyLog): boolean =>
    Buffer.compare(a.publicKey, b.key.publicKey) === 0;

const newName = (draft: Draft, name: string, fail: Fail): void => {
  if (name === 'none' || draft.names.has(name)) fail('uses a name again');
  draft.names.add(name);
};

const readLog = (draft: Draft, [vkey = '', url, ...surplus]: readonly string[], fail: Fail) => {
  if (vkey === '' || surplus.length > 0) fail('must be: log <vkey> [<url>]');
  const key = readKey(vkey, 'ed25519', fail);
  if (draft.logs.some(samePublicKey(key))) fail('names a log again');
  draft.logs.push({ key, url });
};

const readWitness = (
  draft: Draft,
  [name = '', vkey = '', url, ...surplus]: readonly string[],
  fail: Fail,
) => {
  if (vkey === '' || surplus.length > 0) fail('must be: witness <name> <vkey> [<url>]');
  const key = readKey(vkey, 'cosignature', fail);
  if (draft.witnesses.some(samePublicKey(key))) fail('names a witness again');
  newName(draft, name, fail);
  draft.witnesses.push({ name, key, url });
};

const thresholdOf = (word: string, count: number): number | undefined => {
  if (word === 'any') return 1;
  if (word === 'all') return count;
  const k = /^[1-9][0-9]{0,2}$/.test(word) ? Number(word) : 0;
  return k >= 1 && k <= count ? k : undefined;
};

const readGroup = (
  draft: Draft,
  [name = '', word = '', ...members]: readonly string[],
  fail: Fail,
) => {
  const threshold = thresholdOf(word, members.length);
  if (members.length === 0) fail('must be: group <name> all|any|<k> <name>…');
  if (threshold === undefined) return fail('has a threshold that its members cannot reach');
  const taken = new Set(draft.groups.flatMap((group) => group.members));
  for (const member of members) {
    if (!draft.names.has(member)) fail('names a member that does not stand before it');
    if (taken.has(member)) fail('names a member of another group, or one twice');
    taken.add(member);
  }
  newName(draft, name, fail);
  draft.groups.push({ name, threshold, members });
};

const readQuorum = (draft: Draft, [name = '', ...surplus]: readonly string[], fail: Fail) => {
  if (draft.quorum !== undefined) fail('is a second quorum');
  if (surplus.length > 0 || (name !== 'none' && !draft.names.has(name))) {
    fail('must name a witness, a group or none');
  }
  draft.quorum = name;
};

const readers = { log: readLog, witness: readWitness, group: readGroup, quorum: readQuorum };

const isReader = (word: string): word is keyof typeof readers => Object.hasOwn(readers, word);

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the rule
const forbidden = /[\x00-\x08\x0b-\x1f\x7f]/;

/** Reads a policy; throws {@link PolicyInvalid}. Octets above 0x7F are opaque, as the format says. */
export const parsePolicy = (bytes: Uint8Array): Policy => {
  const draft: Draft = {
    logs: [],
    witnesses: [],
    groups: [],
    names: new Set(),
    quorum: undefined,
  };
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  if (lines.length > 4096) throw new PolicyInvalid(0, 'has more than 4,096 lines');
  lines.forEach((line, position) => {
    const fail: Fail = (reason, cause) => {
      throw new PolicyInvalid(position + 1, reason, { cause });
    };
    if (forbidden.test(line)) fail('holds a control character');
    const [word = '', ...rest] = line.split(/[ \t]+/).filter((part) => part !== '');
    if (word === '' || word.startsWith('#')) return;
    if (!isReader(word)) return fail('begins with an unknown word');
    readers[word](draft, rest, fail);
  });
  const { logs, witnesses, groups, quorum } = draft;
  if (Math.max(logs.length, witnesses.length, groups.length) > limit) {
    throw new PolicyInvalid(0, `has more than ${limit} lines of one kind`);
  }
  if (quorum === undefined) throw new PolicyInvalid(0, 'has no quorum');
  return { logs, witnesses, groups, quorum };
};

/** Whether those who cosigned are enough. */
export const isQuorum = (
  { witnesses, groups, quorum }: Policy,
  cosignedBy: readonly VerifierKey[],
): boolean => {
  const seen = new Set(
    witnesses
      .filter(({ key }) => cosignedBy.some((one) => one.name === key.name && one.id === key.id))
      .map(({ name }) => name),
  );
  for (const { name, threshold, members } of groups) {
    if (members.filter((member) => seen.has(member)).length >= threshold) seen.add(name);
  }
  return quorum === 'none' || seen.has(quorum);
};

/** Whether a checkpoint that was opened with the policy's keys is one to believe. */
export const satisfies = (policy: Policy, { signedBy, cosignedBy }: SignedCheckpoint): boolean =>
  signedBy.length > 0 &&
  isQuorum(
    policy,
    cosignedBy.map(({ key }) => key),
  );

/** The keys that a checkpoint is to be opened with. */
export const keysOf = ({ logs, witnesses }: Policy) => ({
  log: logs.map(({ key }) => key),
  witnesses: witnesses.map(({ key }) => key),
});

/** The text whose UTF-8 the octets are. */
const fromOctets = (octets: string): string => {
  const text = Buffer.from(octets, 'latin1').toString('utf8');
  if (Buffer.from(text, 'utf8').toString('latin1') === octets) return text;
  throw new RangeError('A name or a URL of the policy is not the octets of a text.');
};

/**
 * Writes a policy: logs, witnesses, groups and the quorum in their order; to be encoded in UTF-8.
 * Throws a RangeError for names and URLs that are no octets of UTF-8.
 */
export const formatPolicy = (
  { logs, witnesses, groups, quorum }: Policy,
  formatKey: (key: VerifierKey) => string,
): string => {
  const withUrl = ({ key, url }: PolicyLog): readonly string[] =>
    url === undefined ? [formatKey(key)] : [formatKey(key), fromOctets(url)];
  const lines = [
    ...logs.map((log) => ['log', ...withUrl(log)]),
    ...witnesses.map((witness) => ['witness', fromOctets(witness.name), ...withUrl(witness)]),
    ...groups.map(({ name, threshold, members }) => [
      'group',
      fromOctets(name),
      String(threshold),
      ...members.map(fromOctets),
    ]),
    ['quorum', fromOctets(quorum)],
  ];
  return lines.map((words) => `${words.join(' ')}\n`).join('');
};
