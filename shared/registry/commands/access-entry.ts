import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { type Access, type Holder, mostOfEach } from '../access.ts';
import { accessName } from '../entry.ts';
import { nextOf, type State } from './command.ts';
import { refused } from './refusals.ts';

/** Who can hold a grant: a counter, an agency's exclusive office among them. */
export const CounterId = ParticipantId.refine((id) => roleOf(id) === 'counter');

/** What an agency decided about a holder, or asks to be decided. */
export type Decided = Pick<Access, 'agency' | 'holder' | 'grants' | 'limits' | 'narrowed'> & {
  readonly version: number;
};

/**
 * UTF-8 bytes up to which an entry is filled, by a counter's requests as well: the leaf that what stops
 * or revokes makes of it has room for more.
 */
export const fullEntry = 16_384;

const sizeOf = (entry: Decided): number => Buffer.byteLength(JSON.stringify(entry));

/** What stands between an agency and a holder; at version 0 when nothing does. */
export const accessAt = (state: State, agency: ParticipantId, holder: Holder): Decided => {
  const standing = state(accessName(agency, holder));
  return standing?.kind === 'access'
    ? standing
    : { agency, holder, grants: [], limits: [], narrowed: [], version: 0 };
};

/** The entry with some of it changed, one version up. */
export const accessWith = (
  standing: Decided,
  change: Partial<Pick<Access, 'grants' | 'limits' | 'narrowed'>>,
): Access => {
  const { agency, holder, grants, limits, narrowed } = standing;
  const version = nextOf(standing);
  return { kind: 'access', agency, holder, grants, limits, narrowed, ...change, version };
};

/** The same for a change that can add terms: it must leave room for what stops and revokes. */
export const accessFilled = (
  standing: Decided,
  change: Partial<Pick<Access, 'grants' | 'limits' | 'narrowed'>>,
): Access => {
  const entry = accessWith(standing, change);
  if (sizeOf(entry) > Math.max(fullEntry, sizeOf(standing))) {
    throw refused('So many and so long terms do not fit into one entry of the registry.');
  }
  return entry;
};

export const checkRoom = (list: readonly unknown[]): void => {
  if (list.length >= mostOfEach) throw refused(`At most ${mostOfEach} of these may stand.`);
};
