import { counterOf, delegateOf, type RequestClaims } from '../message/claims.ts';
import type { Snapshot } from './decide.ts';
import {
  accessName,
  delegationName,
  type EntryKind,
  type EntryName,
  participantName,
  type RegistryEntry,
  serviceName,
} from './entry.ts';
import type { PastState, Point, Replay } from './replay.ts';

/** Whose inquiry, and for what. */
export type Asking = {
  readonly iss: RequestClaims['iss'];
  readonly inq: Pick<RequestClaims['inq'], 'service' | 'for'>;
};

/** The names of all that an inquiry is decided by. */
export const namesFor = (asking: Asking, agency: string) => {
  const counter = counterOf(asking);
  const delegate = delegateOf(asking);
  return {
    participant: participantName(counter),
    service: serviceName(asking.inq.service),
    agency: participantName(agency),
    own: accessName(agency, counter),
    everyone: accessName(agency, '*'),
    delegate: delegate === undefined ? undefined : participantName(delegate),
    delegation: delegate === undefined ? undefined : delegationName(counter, delegate),
  };
};

type Of<Kind extends EntryKind> = Extract<RegistryEntry, { readonly kind: Kind }>;

const isOf = <Kind extends EntryKind>(kind: Kind, entry: RegistryEntry): entry is Of<Kind> =>
  entry.kind === kind;

const find = <Kind extends EntryKind>(
  state: PastState,
  kind: Kind,
  name: EntryName | undefined,
): Of<Kind> | undefined => {
  const entry = name === undefined ? undefined : state(name)?.entry;
  return entry !== undefined && isOf(kind, entry) ? entry : undefined;
};

/** Whose a service is as it stood; or whose its name says, where there was none. */
export const agencyAt = (state: PastState, ref: RequestClaims['inq']['service']): string =>
  find(state, 'service', serviceName(ref))?.agency ?? `agency:${ref.split('/', 1)[0] ?? ''}`;

/** What the registry said to an inquiry at a point: what snapshot.ts read then. */
export const snapshotAt = (
  replay: Pick<Replay, 'stateAfter'>,
  point: Point,
  asking: Asking,
): Snapshot => {
  const state = replay.stateAfter(point);
  const names = namesFor(asking, agencyAt(state, asking.inq.service));
  return {
    version: point.n,
    participant: find(state, 'participant', names.participant),
    service: find(state, 'service', names.service),
    agency: find(state, 'participant', names.agency),
    own: find(state, 'access', names.own),
    everyone: find(state, 'access', names.everyone),
    delegate: find(state, 'participant', names.delegate),
    delegation: find(state, 'delegation', names.delegation),
  };
};
