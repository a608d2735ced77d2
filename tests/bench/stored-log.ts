/** A log of inquiries as offices ask them, in files, with the vault of every bundle beside it. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { bundleFile, logKey } from '#shared/audit/sequence/log-files.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { seal } from '#shared/audit/vault.ts';
import type { SecretKey } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { encodeVault } from '#shared/oversight/feeding/vault-form.ts';
import { type VaultRow, vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import { entrySaying, hastySigners, type SampleSigners } from './log-entries.ts';
import { syntheticFacts } from './synthetic-facts.ts';

/** Persons of whom one is asked about in two inquiries of a thousand: each of them often. */
const known = 20;
const everyNth = 500;

/** A national number with its check digit (domain.md). */
const nationalIdAt = (n: number): string => {
  const digits = String(100_000_000 + n);
  const sum = digits.split('').reduce((all, digit, at) => all + Number(digit) * (10 - at), 0);
  const left = sum % 11;
  return `${digits}${left < 2 ? left : 11 - left}`;
};

/** Somebody who is asked about often: in a log of a million entries, a hundred times. */
export const knownPerson = { type: 'ir-national-id', value: nationalIdAt(7) } as const;

/** Whom the inquiry at an index is about. */
export const personAt = (index: number) => {
  const often = index % everyNth === 0;
  const n = often ? Math.floor(index / everyNth) % known : known + index;
  return { type: 'ir-national-id', value: nationalIdAt(n) } as const;
};

const leafOf = (facts: EntryFacts, signers: SampleSigners): Uint8Array => {
  const { counter, by, seq, service, purpose, basis, station, presence } = facts;
  const { intent, outcome } = entrySaying(
    {
      id: InquiryId.parse(facts.id),
      t: facts.t,
      iss: by ?? counter,
      inq: {
        seq,
        service,
        purpose,
        basis,
        station,
        presence,
        ...(by !== undefined && { for: counter }),
      },
      effect: facts.effect,
      rule: facts.rule,
      out: facts.outcome,
      ms: facts.ms,
      ...(facts.answer !== undefined && { answer: { iss: facts.agency, seq: facts.answer } }),
    },
    signers,
  );
  return leafData(intent, outcome);
};

/** What an office tells of an inquiry to nobody but the agency: sealed as the journal seals it. */
const vaultOf = ({ id, index, hasCase }: EntryFacts, key: SecretKey): VaultRow => {
  const said: readonly (readonly [string, JsonValue])[] = [
    ['subject', personAt(index)],
    ['params', { birthDate: '1369/05/17' }],
    ['operator', `operator-${index % 3}`],
    ...(hasCase === true ? [['case', `1405/${index}`] as const] : []),
  ];
  const texts = said.map(([name, value]) => makeDisclosure(randomBytes(16), name, value).text);
  const vault = seal(texts, `${id}#i`, { key, nonce: () => randomBytes(12) });
  return { kind: 'sealed', id: InquiryId.parse(id), vault };
};

const nothing: VaultRow = { kind: 'nothing' };

/** The entries of bundle after bundle; the last one may have fewer. */
function* bundlesOf(facts: Iterable<EntryFacts>): Generator<readonly EntryFacts[]> {
  let own: EntryFacts[] = [];
  for (const one of facts) {
    own.push(one);
    if (own.length < tileWidth) continue;
    yield own;
    own = [];
  }
  if (own.length > 0) yield own;
}

const signature = { name: 'nobody', id: '00000000', signature: Buffer.alloc(64) };

const checkpointOf = (size: number): Uint8Array => {
  const root = new Uint8Array(32);
  const text = formatCheckpoint({ origin: 'bench', size: BigInt(size), root, extensions: [] });
  return formatNote({ text, signatures: [signature] });
};

export type LogPlaces = { readonly objects: string; readonly derived: string };

/** Writes so many entries; never more than a bundle is in memory. Nobody looks at its signatures. */
export const writeStoredLog = async (
  places: LogPlaces,
  size: number,
  vaultKey: SecretKey,
  told: (share: number) => void,
): Promise<void> => {
  const signers = await hastySigners();
  const write = async (directory: string, key: string, bytes: Uint8Array): Promise<void> => {
    const file = join(directory, ...key.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  };
  let bundle = 0;
  for (const own of bundlesOf(syntheticFacts(size))) {
    const rows = own.map((one) => vaultOf(one, vaultKey));
    const { path, bytes } = bundleFile(
      bundle,
      own.map((one) => leafOf(one, signers)),
    );
    await write(places.objects, logKey(0, path), bytes);
    const all = Array.from({ length: tileWidth }, (_, n) => rows[n] ?? nothing);
    await write(places.derived, vaultKeyOf(0, bundle), encodeVault(all));
    bundle += 1;
    told((bundle * tileWidth) / size);
  }
  await write(places.objects, checkpointKey(0), checkpointOf(size));
};
