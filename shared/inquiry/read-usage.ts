import { toRfc3339 } from '../kernel/instant-text.ts';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { ParticipantId } from '../message/claims.ts';
import { isMeant } from '../registry/find-grant.ts';
import { type Meter, metersOf, metersOfAll } from '../registry/meters.ts';
import type { Service } from '../registry/service.ts';
import type { Exchange, ExchangeSettings } from './exchange.ts';
import { windowAt } from './meter-window.ts';
import type { UsageQuery } from './usage-query.ts';

/** What the use of quotas is read from. */
export type UsageReading = Pick<Exchange, 'directory' | 'meters' | 'now'> & {
  readonly settings: Pick<ExchangeSettings, 'origin'>;
};

/** A meter that shows, and the grant whose it is. */
type Shown = { readonly meter: Meter; readonly grant?: string };

const notFound = (): Problem =>
  new Problem('not-found', 'There is no such service of yours, or no such counter.');

/** A counter reads of itself; an agency of its own services, and of a counter that it names. */
const counterIn = ({ counter }: UsageQuery, sender: ParticipantId): ParticipantId | undefined => {
  if (roleOf(sender) !== 'counter') return counter;
  if (counter !== undefined && counter !== sender) {
    throw new Problem('wrong-role', 'A counter reads its own use only.');
  }
  return sender;
};

/** The meters of a counter: those of every grant for the service, whichever counts for a purpose. */
const ofCounter = async (
  { directory }: Pick<UsageReading, 'directory'>,
  service: Service,
  counter: ParticipantId,
): Promise<readonly Shown[]> => {
  const { participant, own, everyone } = await directory.snapshot(counter, service.ref);
  if (participant === undefined) throw notFound();
  const meant = (own?.grants ?? []).filter(({ target }) => isMeant(target, service));
  const all = [undefined, ...meant].flatMap((grant) =>
    metersOf(service, { counter, grant, own, everyone }).map((meter): Shown => {
      const ofGrant = grant !== undefined && meter.name.startsWith('grant-');
      return ofGrant ? { meter, grant: grant.id } : { meter };
    }),
  );
  const others = new Set(metersOfAll(service).map(({ key }) => key));
  const mine = all.filter(({ meter }) => !others.has(meter.key));
  return [...new Map(mine.map((one) => [`${one.meter.key} ${one.meter.per}`, one])).values()];
};

const documentOf = (
  { meter: { name, most }, grant }: Shown,
  used: number,
  today: boolean,
): JsonObject => ({
  name,
  ...(grant !== undefined && { grant }),
  used,
  ...(today && { most, left: Math.max(0, most - used) }),
});

/**
 * How often a service was asked on one day in Tehran, as far as quotas count it: `GET /v1/usage`.
 *
 * `{ service, counter?, day, from, until, meters: [{ name, grant?, used, most?, left? }] }`. Only quotas
 * per day are shown, as they are set now; `most` and `left` for today only. Names ending in
 * `-group-day`, and a grant for a group, count the agency's other services of the group too.
 *
 * `used` is what was handed out to the processes of the exchange: never less than the inquiries that the
 * log has of the counter and service with `from` ≤ `t` < `until`, as long as the quota stood; at most by an
 * eighth, and a few, more. A counter sees itself; an agency its own services, of all counters
 * together (`service-all-day`), and of one that it names.
 */
export const readUsage =
  (reading: UsageReading) =>
  async (query: UsageQuery, sender: ParticipantId): Promise<JsonObject> => {
    const counter = counterIn(query, sender);
    const services = await reading.directory.services();
    const service = services.find(({ ref }) => ref === query.service);
    if (service === undefined) throw notFound();
    const ofAgency = sender === service.agency;
    if (roleOf(sender) === 'agency' && !ofAgency) throw notFound();
    const shown = [
      ...(counter === undefined ? [] : await ofCounter(reading, service, counter)),
      ...(ofAgency ? metersOfAll(service).map((meter): Shown => ({ meter })) : []),
    ].filter(({ meter }) => meter.per === 'day');
    const { day, today } = query;
    const windows = shown.map(({ meter }) => windowAt(meter, day.from, () => day));
    const used = windows.length === 0 ? [] : await reading.meters.read(windows);
    return {
      service: service.ref,
      ...(counter !== undefined && { counter }),
      day: day.date,
      from: toRfc3339(day.from),
      until: toRfc3339(day.until),
      meters: shown.map((one, n) => documentOf(one, used[n] ?? 0, today)),
    };
  };
