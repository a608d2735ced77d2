import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { timedCache } from '../kernel/timed-cache.ts';
import type { ParticipantId, ServiceRef } from '../message/claims.ts';
import type { Access } from './access.ts';
import type { Snapshot } from './decide.ts';
import {
  accessName,
  delegationName,
  type EntryKind,
  participantName,
  type RegistryEntry,
  serviceName,
} from './entry.ts';
import type { Head } from './head.ts';
import { interned } from './interned.ts';
import type { Participant } from './participant.ts';
import type { RegistryStore } from './ports.ts';
import type { Service } from './service.ts';

/** How often entries are read whose state has no number yet, before the caller is told to wait. */
export const snapshotAttempts = 5;

/** How many entries of one kind are kept once for all pairs. */
const maxShared = 2000;

/** How snapshots are remembered: see timed-cache.ts. */
type Kept = {
  readonly now: Clock;
  readonly ttl: number;
  readonly absentTtl: number;
  readonly max: number;
  readonly maxAbsent: number;
  readonly misses: { readonly perSecond: number; readonly burst: number };
};

type Entries = Omit<Snapshot, 'version' | 'confidential'>;

/** Reads a snapshot; `delegate` is whoever asks in the counter's place. */
export type ReadSnapshot = (
  counter: ParticipantId,
  ref: ServiceRef,
  delegate?: ParticipantId,
) => Promise<Snapshot>;

/** Who asks for what. */
type Case = { readonly counter: string; readonly ref: string; readonly delegate?: string };

const unsettled = async (): Promise<void> => undefined;

const isKind = <Kind extends EntryKind>(
  kind: Kind,
  entry: RegistryEntry,
): entry is Extract<RegistryEntry, { readonly kind: Kind }> => entry.kind === kind;

const only = <Kind extends EntryKind>(
  kind: Kind,
  entry: RegistryEntry | undefined,
): Extract<RegistryEntry, { readonly kind: Kind }> | undefined => {
  if (entry === undefined) return undefined;
  if (isKind(kind, entry)) return entry;
  throw new TypeError(`The registry holds another kind of entry in the place of a ${kind}.`);
};

/** Whose service a reference names; what the service itself says is compared with it. */
const ownerIn = (ref: string): string => `agency:${ref.split('/', 1)[0]}`;

const newestOf = (entries: Entries): number =>
  Math.max(0, ...Object.values(entries).map((entry) => entry?.n ?? 0));

/** A case as one text. */
const nameOf = ({ counter, ref, delegate }: Case): string =>
  delegate === undefined ? `${counter} ${ref}` : `${counter} ${ref} ${delegate}`;

const caseOf = (name: string): Case => {
  const [counter = '', ref = '', delegate] = name.split(' ');
  return delegate === undefined ? { counter, ref } : { counter, ref, delegate };
};

/**
 * What the registry says about a counter that asks for a service, itself or by a delegate: the entries as they stood after one
 * and the same change, whose number it carries. The number was read before the entries, and no entry
 * is newer: so a replay of the changes up to it finds these very entries.
 *
 * Reads nothing for a case that it knows, and otherwise all entries by one batched read. Rejects with
 * `store-unavailable`, also when the registry does not come to rest though `settle` finished what was
 * begun, and with `rate-limited` when too
 * many unknown names are asked for; those of services do not shut out counters.
 */
export const snapshotReader = (
  store: Pick<RegistryStore, 'readAll'>,
  head: Head,
  kept: Kept,
  settle: () => Promise<unknown> = unsettled,
): ReadSnapshot => {
  const services = interned<Service>(maxShared);
  const others = interned<Participant>(maxShared);
  const decided = interned<Access>(maxShared);

  const read = async ({ counter, ref, delegate }: Case, agency: string): Promise<Entries> => {
    const found = await store.readAll([
      participantName(counter),
      serviceName(ref),
      participantName(agency),
      accessName(agency, counter),
      accessName(agency, '*'),
      ...(delegate === undefined
        ? []
        : [participantName(delegate), delegationName(counter, delegate)]),
    ]);
    const [service, owner] = [only('service', found[1]), only('participant', found[2])];
    const everyone = only('access', found[4]);
    const asker = only('participant', found[5]);
    return {
      participant: only('participant', found[0]),
      service: service && services.share(service),
      agency: owner && others.share(owner),
      own: only('access', found[3]),
      everyone: everyone && decided.share(everyone),
      delegate: asker && others.share(asker),
      delegation: only('delegation', found[6]),
    };
  };

  const load = async (name: string): Promise<Snapshot> => {
    const asked = caseOf(name);
    const from = { agency: ownerIn(asked.ref), version: await head.known() };
    for (let attempt = 1; attempt <= snapshotAttempts; attempt += 1) {
      const entries = await read(asked, from.agency);
      const { agency = from.agency } = entries.service ?? {};
      if (agency !== from.agency) {
        from.agency = agency;
      } else if (newestOf(entries) > from.version) {
        // Newer entries than a head that was just read: whoever applies their change may be dead.
        if (attempt > 1) await settle();
        from.version = await head.again();
      } else {
        return { version: from.version, ...entries };
      }
    }
    const said = 'The registry is being changed; ask again.';
    throw new Problem('store-unavailable', said, { retryAfter: 1 });
  };

  const cached = timedCache({
    ...kept,
    load,
    isAbsent: ({ participant, service, delegate }, name) =>
      participant === undefined ||
      service === undefined ||
      (delegate === undefined && caseOf(name).delegate !== undefined),
    kindOf: (name) => (services.knows(caseOf(name).ref) ? 'counter' : 'service'),
  });
  return (counter, ref, delegate) =>
    cached(nameOf(delegate === undefined ? { counter, ref } : { counter, ref, delegate }));
};
