import { type Clock, numericDate } from '../../kernel/clock.ts';
import { formatAddCheckpoint } from '../add-checkpoint.ts';
import type { ObjectStore } from '../ports.ts';
import { readCosignatures } from '../read-cosignatures.ts';
import { logFiles, tileReader } from '../sequence/log-files.ts';
import { openCheckpoint, type SignedCheckpoint } from '../tlog/checkpoint.ts';
import { parseUint64, toSafe } from '../tlog/decimal.ts';
import { formatNote, type NoteSignature } from '../tlog/note.ts';
import { isQuorum, keysOf, type Policy, type PolicyWitness } from '../tlog/policy.ts';
import { proveConsistency } from '../tlog/prove.ts';
import { mergeNotes } from './merge-notes.ts';
import { checkpointKey, cosignedKey, replaceCheckpoint } from './publish-checkpoint.ts';
import { quorumTime } from './quorum-time.ts';

/** What a witness answered; `type` is its media type. */
export type WitnessReply = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
};

/** POSTs to `<url>/add-checkpoint`. Rejects when there is no answer in time. */
export type WitnessClient = (url: string, body: Uint8Array) => Promise<WitnessReply>;

export type Witnessing = {
  readonly objects: Pick<ObjectStore, 'get' | 'replace'>;
  /** The log, its witnesses with their URLs, and how many must have seen it. */
  readonly policy: Policy;
  readonly client: WitnessClient;
  readonly now: Clock;
  /** Seconds after which a cosignature of a log that does not grow is asked for again. */
  readonly refresh: number;
};

/** What became of asking one witness. */
export type Asked = {
  readonly witness: string;
  readonly result: 'cosigned' | 'ahead' | 'disagrees' | 'refused' | 'no-answer';
  readonly status?: number;
};

/** How a log stands with its witnesses. */
export type Witnessed = {
  readonly size: number;
  readonly quorum: boolean;
  /** Seconds since 1970; undefined when no quorum has seen a tree of this log. */
  readonly time: number | undefined;
  readonly asked: readonly Asked[];
};

const sizeType = 'text/x.tlog.size';

/** The size that a witness has on record, when it says so. */
const sizeOnRecord = ({ status, type, body }: WitnessReply): number | undefined => {
  if (status !== 409 || type.split(';', 1)[0]?.trim() !== sizeType) return undefined;
  const size = body.endsWith('\n') ? parseUint64(body.slice(0, -1)) : undefined;
  return size === undefined ? undefined : toSafe(size);
};

type Answer = { readonly asked: Asked; readonly signature?: NoteSignature };

/**
 * Asks the witnesses of one log for what is missing beside its published checkpoint, and publishes it
 * again with each cosignature that arrives. A witness that fails, lies or is behind costs nothing but
 * its own cosignature. The tree of which a quorum is reached is kept even when the log has grown
 * meanwhile. Rejects with the problem `store-unavailable`.
 */
export const witnessLog = (
  { objects, policy, client, now, refresh }: Witnessing,
  shard: number,
): (() => Promise<Witnessed>) => {
  /** What each witness has on record, as far as it is known here. */
  const onRecord = new Map<string, number>();
  const keys = keysOf(policy);

  const ask = async (
    { name, key, url = '' }: PolicyWitness,
    { note, checkpoint }: SignedCheckpoint,
  ): Promise<Answer> => {
    const size = Number(checkpoint.size);
    const own = note.signatures.filter(({ id }) => keys.log.some((log) => log.id === id));
    const signed = formatNote({ text: note.text, signatures: own });
    const read = tileReader(logFiles(objects, shard));
    const post = async (oldSize: number): Promise<WitnessReply | undefined> => {
      const proof = await proveConsistency(oldSize, size, read);
      const body = formatAddCheckpoint({ oldSize: BigInt(oldSize), proof, checkpoint: signed });
      return client(url, body).catch(() => undefined);
    };
    let reply = await post(Math.min(onRecord.get(name) ?? 0, size));
    const known = reply === undefined ? undefined : sizeOnRecord(reply);
    if (known !== undefined) {
      onRecord.set(name, known);
      if (known > size) return { asked: { witness: name, result: 'ahead', status: 409 } };
      reply = await post(known);
    }
    if (reply === undefined) return { asked: { witness: name, result: 'no-answer' } };
    const { status, body } = reply;
    if (status === 200) {
      const signature = readCosignatures(body, note.text, key);
      if (signature === undefined) return { asked: { witness: name, result: 'refused', status } };
      onRecord.set(name, size);
      return { asked: { witness: name, result: 'cosigned' }, signature };
    }
    // It was asked from where it says it stands: then its tree is another one, or it lies.
    const result = status === 409 || status === 422 ? 'disagrees' : 'refused';
    return { asked: { witness: name, result, status } };
  };

  const open = async (key: string): Promise<SignedCheckpoint | undefined> => {
    const bytes = await objects.get(key);
    return bytes === undefined ? undefined : openCheckpoint(bytes, keys);
  };

  const keepIfQuorum = async (opened: SignedCheckpoint | undefined): Promise<boolean> => {
    const cosigners = opened?.cosignedBy.map(({ key }) => key) ?? [];
    if (opened === undefined || !isQuorum(policy, cosigners)) return false;
    await replaceCheckpoint(objects, cosignedKey(shard), shard, formatNote(opened.note));
    return true;
  };

  /** Publishes cosignatures one after another, so that those of one round are not in each other's way. */
  const cosigning = (opened: SignedCheckpoint) => {
    let { note } = opened;
    let last = Promise.resolve();
    const add = async (signature: NoteSignature): Promise<void> => {
      note = mergeNotes(note, [signature]);
      await replaceCheckpoint(objects, checkpointKey(shard), shard, formatNote(note));
      await keepIfQuorum(openCheckpoint(formatNote(note), keys));
    };
    return (signature: NoteSignature): Promise<void> => {
      const added = last.then(() => add(signature));
      last = added.catch(() => undefined);
      return added;
    };
  };

  return async () => {
    const opened = await open(checkpointKey(shard));
    if (opened === undefined) return { size: 0, quorum: false, time: undefined, asked: [] };
    const stale = numericDate(now()) - refresh;
    const fresh = new Set(
      opened.cosignedBy.filter(({ time }) => time > stale).map(({ key }) => key.id),
    );
    const missing = policy.witnesses.filter(
      ({ key, url }) => url !== undefined && !fresh.has(key.id),
    );
    const publish = cosigning(opened);
    const asked = await Promise.all(
      missing.map(async (witness) => {
        const answer = await ask(witness, opened);
        if (answer.signature !== undefined) await publish(answer.signature);
        return answer.asked;
      }),
    );
    const newest = await open(checkpointKey(shard));
    const quorum = await keepIfQuorum(newest);
    const cosigned = await open(cosignedKey(shard));
    return {
      size: Number(newest?.checkpoint.size ?? 0n),
      quorum,
      time: cosigned === undefined ? undefined : quorumTime(policy, cosigned),
      asked,
    };
  };
};
