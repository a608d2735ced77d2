/** A ring of keys over memory, with a clock that is moved by hand; each key costs a real key pair. */
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import * as z from 'zod';
import { KeyAnnounced } from '#events/key-announced.ts';
import { KeyPublished } from '#events/key-published.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { KeySmith } from '#shared/inquiry/key-ring.ts';
import { memoryKeyRing } from '#shared/inquiry/memory-key-ring.ts';
import { ownKeys } from '#shared/inquiry/own-keys.ts';
import { type RotationSettings, rotateKey } from '#shared/inquiry/rotate-key.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import { PublicJwk } from '#shared/message/claims.ts';
import { thumbprint } from '#shared/message/key.ts';
import { countedRandom, testClock } from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
export const usual: RotationSettings = { period: 90 * day, ahead: day };

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 1 };

/** A smith whose boxes are open: what a box holds is not what these tests are about. */
export const plainSmith = (): KeySmith => ({
  make: async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    return utf8(JSON.stringify(await exportJWK(privateKey)));
  },
  open: async (box) => {
    const { d, ...jwk } = z
      .looseObject({ d: z.string() })
      .parse(JSON.parse(Buffer.from(box).toString('utf8')));
    const published = PublicJwk.parse(jwk);
    const key = await importJWK({ ...jwk, d }, 'ES256');
    if (key instanceof Uint8Array) throw new TypeError('symmetric');
    return { kid: await thumbprint(published), alg: 'ES256', key, jwk: published };
  },
});

const Leaf = z.union([KeyPublished, KeyAnnounced]);

export type RingStage = ReturnType<typeof ringStage>;

export const ringStage = (settings: RotationSettings = usual, smith = plainSmith()) => {
  const clock = testClock();
  const ring = memoryKeyRing();
  const journal = memoryJournalStore();
  const random = countedRandom();
  const parts = (now = clock.now) => ({
    store: ring.store,
    smith,
    recording: { journal: journal.store, layout, now, random },
    settings,
  });
  /** The keys on record in the journal, in the order of their leaves. */
  const leaves = () =>
    journal
      .dump()
      .map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()))
      .map((text) => Leaf.parse(JSON.parse(text)));
  return {
    clock,
    ring,
    journal,
    leaves,
    parts,
    /** A process of its own; its clock may be wrong by so many milliseconds. */
    process: (error = 0) => ownKeys(parts(() => clock.now() + error)),
    rotator: (error = 0) => rotateKey(parts(() => clock.now() + error)),
    /** How the ring stands: for each key whether it was announced, and its days from the start. */
    shown: (): readonly { n: number; at?: number; from?: number }[] =>
      ring
        .dump()
        .map(({ n, announced }) =>
          announced === undefined ? { n } : { n, ...announced, at: announced.at - testNow },
        ),
  };
};

/** A ring whose first key was announced. */
export const begunStage = async (settings?: RotationSettings): Promise<RingStage> => {
  const stage = ringStage(settings);
  await stage.process().signer();
  return stage;
};
