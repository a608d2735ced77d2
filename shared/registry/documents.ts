import { toRfc3339 } from '../kernel/instant-text.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { Access, Grant, Limit, Narrowing } from './access.ts';
import type { Licence } from './licence.ts';
import type { Participant } from './participant.ts';

/** Entries of the registry as they are shown: times as ISO 8601, UTC. */

/** Only the members that are there. */
const present = (members: {
  readonly [name: string]: JsonObject[string] | undefined;
}): JsonObject =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

const licenceDocument = ({ validFrom, validUntil, ...rest }: Licence): JsonObject => ({
  ...rest,
  validFrom: toRfc3339(validFrom),
  validUntil: toRfc3339(validUntil),
});

/** `change`: the number of the change that made this version; the log holds it with its command. */
export const participantDocument = ({
  id,
  title,
  status,
  licence,
  scopes,
  reason,
  version,
  n,
}: Participant): JsonObject =>
  present({
    id,
    title,
    status,
    licence: licence === undefined ? undefined : licenceDocument(licence),
    scopes,
    reason,
    version,
    change: n,
  });

const grantDocument = ({ from, until, quota, ...rest }: Grant): JsonObject =>
  present({
    ...rest,
    quota: quota === undefined ? undefined : present(quota),
    from: toRfc3339(from),
    until: toRfc3339(until),
  });

const limitDocument = ({ quota, ...rest }: Limit): JsonObject =>
  present({ ...rest, quota: quota === undefined ? undefined : present(quota) });

const narrowingDocument = ({ from, ...rest }: Narrowing): JsonObject => ({
  ...rest,
  from: toRfc3339(from),
});

/** What an agency decided about one holder, or about everybody (`*`). */
export const accessDocument = (access: Access): JsonObject => {
  const { agency, holder, grants, limits, narrowed, version, n } = access;
  return present({
    agency,
    holder,
    grants: grants.map(grantDocument),
    limits: limits.map(limitDocument),
    narrowed: narrowed.map(narrowingDocument),
    version,
    change: n,
  });
};
