import * as z from 'zod';
import { newId } from '../kernel/id.ts';
import type { JsonObject, JsonValue } from '../kernel/strict-json.ts';
import type { SubjectInput } from '../persian/subject-input.ts';
import { postJson } from './post-json.ts';
import { type Connection, type Reading, readJson } from './read.ts';
import { targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const Status = z.looseObject({
  id: z.string(),
  state: z.enum(['erasing', 'held', 'erased', 'done']),
  by: z.string(),
  order: z.string(),
  /** ISO 8601, UTC. */
  ordered: z.string(),
  since: z.string().optional(),
  /** Inquiries whose facts are gone so far. */
  n: z.int().min(0),
});
/** How an erasure stands. */
export type ErasureStatus = Readonly<z.infer<typeof Status>>;

const Act = z.looseObject({
  by: z.string(),
  order: z.string(),
  /** Not told any more of a hold that is released. */
  reason: z.string().optional(),
  time: z.string(),
});

const Hold = z.looseObject({
  id: z.string(),
  state: z.enum(['holding', 'released']),
  what: z.looseObject({ kind: z.enum(['subject', 'inquiry', 'counter', 'everything']) }),
  placed: Act,
  released: Act.optional(),
});
/** A hold, but for whom it is about. */
export type LegalHold = Readonly<z.infer<typeof Hold>>;

const Placed = Hold.extend({
  /** Whether every erasure sees it; else one that was under way may still finish what it is at. */
  seen: z.boolean(),
});
export type PlacedHold = Readonly<z.infer<typeof Placed>>;

const Holds = z.looseObject({ holds: z.array(Hold) });

/** What is kept from being erased. */
export type Held =
  | { readonly kind: 'everything' }
  | { readonly kind: 'inquiry' | 'counter'; readonly id: string }
  | { readonly kind: 'subject'; readonly subject: SubjectInput };

/** Why something is done; `id`, a UUIDv7, is made here when nothing is said, and with the same one it is the same. */
type Ordered = { readonly id?: string; readonly order: string };

/** Erasures and holds, for those who may order them. All of it may be sent again. */
export type ErasingAccess = {
  readonly erase: (order: Ordered & { readonly subject: SubjectInput }) => Promise<ErasureStatus>;
  readonly read: (id: string) => Promise<ErasureStatus>;
  readonly hold: (
    order: Ordered & { readonly reason: string; readonly what: Held },
  ) => Promise<PlacedHold>;
  readonly holds: () => Promise<readonly LegalHold[]>;
  readonly release: (
    id: string,
    why: { readonly order: string; readonly reason: string },
  ) => Promise<LegalHold>;
};

const parsed = <Shape>(shape: z.ZodType<Shape>, json: JsonValue): Shape => {
  const answer = shape.safeParse(json);
  if (answer.success) return answer.data;
  throw new UntrustedReply('shape', 'The body does not say how this stands.');
};

export const erasingAccess = (connection: Connection, reader: Reading['reader']): ErasingAccess => {
  const { now, random } = reader;
  const post = (target: string, body: JsonObject) => postJson(connection, target, reader, body);
  const read = (target: string) => readJson(connection, target, reader, 'access-token');
  return {
    erase: async ({ id = newId(now(), random), order, subject }) => {
      const body = { id, order, subject };
      return parsed(Status, await post(targetOf('orderErasure', {}), body));
    },
    read: async (id) => parsed(Status, await read(targetOf('readErasure', { id }))),
    hold: async ({ id = newId(now(), random), order, reason, what }) => {
      const body = { id, order, reason, what };
      return parsed(Placed, await post(targetOf('placeHold', {}), body));
    },
    holds: async () => parsed(Holds, await read(targetOf('listHolds', {}))).holds,
    release: async (id, { order, reason }) =>
      parsed(Hold, await post(targetOf('releaseHold', { id }), { order, reason })),
  };
};
