/**
 * Makes a log of so many entries by the real sequencer, in a directory as C2SP tlog-tiles lays it
 * out, and prints its verifier key: `make-log.ts <directory> <size>`. Its entries are records.
 */
import { v7 } from 'uuid';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { addressOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { packRecord } from '#shared/audit/pack.ts';
import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { sequencer } from '#shared/audit/sequence/sequencer.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { noteKey } from '#tests/support/log-keys.ts';

const [directory, count] = process.argv.slice(2);
const size = Number(count);
if (directory === undefined || !Number.isSafeInteger(size)) {
  throw new Error('usage: make-log.ts <directory> <size>');
}

const origin = 'exchange.example/log/0';
const start = 1_800_000_000_000;
const layout = { slotKey: sha256('slots'), slots: 16, shards: 1 };
const journal = memoryJournalStore().store;

// The log's own first entry says how it is kept, so the journal holds one less.
for (let n = 1; n < size; n += 1) {
  const time = start + Math.floor(n / 2);
  const id = InquiryId.parse(v7({ msecs: time }));
  const text = canonicalJson({ v: 1, k: 'key', id, t: time, kid: 'k', jwk: 'j'.repeat(n % 700) });
  await journal.putRecord(addressOf(id, layout), { record: packRecord(text) });
}

const key = noteKey(origin, 'ed25519');
const objects = directoryObjectStore(directory);
const latest = memoryLatestTree().store;
const step = sequencer(
  {
    heads: memoryLogHead().store,
    journal,
    objects,
    staging: memoryObjectStore().store,
    signer: checkpointSigner({ signerOf: async () => key, latest }),
    publisher: objectPublisher(objects),
    now: () => start + size + 60_000,
  },
  { shard: 0, shards: 1, slots: 16, origin, mergeDelay: 120, ...usualTimes },
);

let done = await step();
while (done.more) {
  done = await step();
}
if (done.head.size !== size) throw new Error(`The log has ${done.head.size} entries.`);
process.stdout.write(`${formatVerifierKey(key.verifier)}\n`);
