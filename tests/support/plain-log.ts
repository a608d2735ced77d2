/** A published log of inquiries without signatures, by the thousand, and the vault of each in a journal. */
import { createSecretKey } from 'node:crypto';
import { addressOf, type Layout } from '#shared/audit/address.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { bundleFile, logKey } from '#shared/audit/sequence/log-files.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { seal } from '#shared/audit/vault.ts';
import { type SecretKey, sha256, sha256Url, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import type { TagKeys } from '#shared/oversight/feeding/request-tags.ts';
import { requestFactsExample, testNow } from './messages.ts';

const keyOf = (text: string) => createSecretKey(sha256(text));

export const plainLayout: Layout = { slotKey: keyOf('slot key'), slots: 2, shards: 1 };
export const plainKeys: TagKeys = {
  vaultKey: keyOf('vault key'),
  subjectKey: keyOf('subject key'),
};

export type PlainAsked = {
  /** Tells inquiries apart; with its time it makes the id. */
  readonly n: number;
  readonly t?: number;
  readonly counter?: string;
  readonly service?: string;
  readonly outcome?: string;
  /** What is disclosed; the example's facts but for these. */
  readonly facts?: JsonObject;
};

export type PlainInquiry = {
  readonly id: InquiryId;
  readonly leaf: Uint8Array;
  readonly vault: Uint8Array;
};

const unsigned = (claims: JsonObject): string =>
  ['{}', canonicalJson(claims), 'signature'].map((part) => toBase64Url(utf8(part))).join('.');

const bytesOf = (text: string) => (length: number) => sha256(text).subarray(0, length);

/** The two texts of an inquiry, of which nothing is signed. */
export const plainTexts = (
  id: InquiryId,
  {
    n,
    t = testNow,
    counter = 'counter:72110345',
    service = 'civil-registry/identity@1',
    outcome = 'FOUND',
  }: PlainAsked,
): { readonly intent: string; readonly outcome: string } => {
  const words = { purpose: 'pension-enrolment', basis: 'civil-code-1.12', station: 'till-3' };
  const inq = { id, seq: n + 1, service, presence: 'in-person', ...words };
  const dec = { effect: 'allow', rule: 'open-service', registry: 1 };
  const req = unsigned({ iss: counter, inq });
  const intent = canonicalJson({ v: 1, k: 'i', id, t, dec, req });
  const i = sha256Url(intent);
  return {
    intent,
    outcome: canonicalJson({ v: 1, k: 'o', id, i, t, out: outcome, http: 200, ms: 5 }),
  };
};

/** What a request discloses, sealed: the example's facts but for those that are given. */
export const plainVault = (id: InquiryId, key: SecretKey, facts: JsonObject = {}): Uint8Array => {
  const salt = bytesOf('salt')(16);
  const disclosures = Object.entries({ ...requestFactsExample, ...facts }).map(
    ([name, value]) => makeDisclosure(salt, name, value).text,
  );
  return seal(disclosures, `${id}#i`, { key, nonce: () => bytesOf(`nonce ${id}`)(12) });
};

export const plainInquiry = (asked: PlainAsked): PlainInquiry => {
  const id = newId(asked.t ?? testNow, bytesOf(`id ${asked.n}`));
  const { intent, outcome } = plainTexts(id, asked);
  return {
    id,
    leaf: leafData(intent, outcome),
    vault: plainVault(id, plainKeys.vaultKey, asked.facts),
  };
};

const signature = { name: 'nobody', id: '00000000', signature: Buffer.alloc(64) };

export const plainLog = () => {
  const [journal, objects] = [memoryJournalStore(), memoryObjectStore()];
  const leaves: Uint8Array[] = [];
  const publish = (size: number = leaves.length): void => {
    for (let first = 0; first < size; first += tileWidth) {
      const entries = leaves.slice(first, Math.min(size, first + tileWidth));
      const { path, bytes } = bundleFile(first / tileWidth, entries);
      objects.overwrite(logKey(0, path), bytes);
    }
    const root = new Uint8Array(32);
    const text = formatCheckpoint({ origin: 'x', size: BigInt(size), root, extensions: [] });
    objects.overwrite(checkpointKey(0), formatNote({ text, signatures: [signature] }));
  };
  return {
    journal,
    objects,
    leaves,
    /** Appends inquiries in the order that they are given in, and keeps their rows of the journal. */
    add: async (asked: readonly PlainAsked[]): Promise<readonly PlainInquiry[]> => {
      const made = asked.map(plainInquiry);
      for (const { id, leaf, vault } of made) {
        leaves.push(leaf);
        const row = { record: new Uint8Array(1), vault };
        await journal.store.putIntent(addressOf(id, plainLayout), row);
      }
      return made;
    },
    /** Publishes the first leaves; the shorter bundles of before are left where they are. */
    publish,
  };
};
export type PlainLog = ReturnType<typeof plainLog>;
