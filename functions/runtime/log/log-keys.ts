import type { NoteSigner } from '#shared/audit/note-signer.ts';
import { parseVerifierKey, type VerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { logOrigin } from '#shared/inquiry/exchange.ts';
import type { Env } from '../env.ts';
import { openNoteSigner } from '../keys/note-key.ts';
import { demand, shardsOf } from './log-env.ts';

const wrong = (name: 'LOG_KEYS' | 'LOG_VKEYS', reason: string, options?: ErrorOptions): never => {
  throw new Error(`The environment is not right: ${name} ${reason}`, options);
};

/** The words of a list with one word for each shard. */
const onePerShard = (env: Env, name: 'LOG_KEYS' | 'LOG_VKEYS'): readonly string[] => {
  const list = demand(env, name);
  const { JOURNAL_SHARDS: shards } = env;
  return list.length === shards ? list : wrong(name, `must name ${shards} keys, one a shard`);
};

const isArn = (text: string): boolean => text.startsWith('arn:');

/** Opens the key of one shard's log, named by its origin; rejects as {@link openNoteSigner} does. */
export const openLogSigner = async (env: Env, shard: number): Promise<NoteSigner> => {
  const key = onePerShard(env, 'LOG_KEYS')[shard];
  if (key === undefined) throw new RangeError('There is no log of this shard.');
  const place = isArn(key) ? { NOTE_KEY_ARN: key } : { NOTE_KEY_FILE: key };
  const name = logOrigin(env.ESTELAM_ORIGIN, shard);
  return openNoteSigner({ name, type: 'ed25519', env: { ...env, ...place } });
};

/** A configured verifier key, which must be that of the shard's log. */
const parseOwn = (env: Env, text: string, shard: number): VerifierKey => {
  const origin = logOrigin(env.ESTELAM_ORIGIN, shard);
  const parse = (): VerifierKey => {
    try {
      return parseVerifierKey(text);
    } catch (cause) {
      return wrong('LOG_VKEYS', `holds a key that must not be used, for ${origin}`, { cause });
    }
  };
  const key = parse();
  if (key.type === 'ed25519' && key.name === origin) return key;
  return wrong('LOG_VKEYS', `must hold the key that signs as ${origin} in its place`);
};

/**
 * What the checkpoints of each shard's log are verified with, in the order of the shards: from
 * LOG_VKEYS, or the public halves of LOG_KEYS. Rejects with `signer-unavailable` when KMS or a file
 * cannot be had, and with an Error that names the variable when the settings are not right.
 */
export const loadLogKeys = async (env: Env): Promise<readonly VerifierKey[]> => {
  if (env.LOG_VKEYS !== undefined) {
    return onePerShard(env, 'LOG_VKEYS').map((text, shard) => parseOwn(env, text, shard));
  }
  if (env.LOG_KEYS === undefined) wrong('LOG_KEYS', 'or LOG_VKEYS must be set');
  const signers = shardsOf(env).map((shard) => openLogSigner(env, shard));
  return (await Promise.all(signers)).map(({ verifier }) => verifier);
};
