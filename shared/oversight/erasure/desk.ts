import type { Layout } from '../../audit/address.ts';
import type { JournalStore } from '../../audit/ports.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { Directory } from '../../registry/directory.ts';
import { scopesOf } from '../../registry/scope.ts';
import type { JobStore } from '../job-store.ts';
import { parseBody } from '../parse-body.ts';
import { ErasureOrder, orderErasure } from './order-erasure.ts';
import { HoldOrder, type HoldParts, placeHold, ReleaseOrder, releaseHold } from './set-hold.ts';
import { type ErasureView, viewErasure } from './view-erasure.ts';
import { type HoldView, viewHold } from './view-hold.ts';

/** Where erasures are ordered, and holds placed. */
export type DeskParts = {
  readonly settings: { readonly layout: Layout; readonly vaultKey: SecretKey };
  readonly directory: Pick<Directory, 'participant'>;
  readonly journal: Pick<JournalStore, 'putRecord' | 'read'>;
  readonly erasures: JobStore;
  readonly holds: JobStore;
  readonly retention: Pick<JobStore, 'list'>;
  readonly now: Clock;
  readonly random: (length: number) => Uint8Array;
};

const holdingOf = ({ settings, holds, erasures, retention, ...rest }: DeskParts): HoldParts => ({
  ...rest,
  ...settings,
  jobs: holds,
  erasing: [erasures, retention],
});

/** Holds are about any inquiry there is: who sees a part of them only does not decide on the others. */
const mustSeeAll = async ({ directory }: DeskParts, by: string): Promise<void> => {
  const participant = await directory.participant(by);
  const scopes = participant === undefined ? [] : scopesOf(participant);
  if (scopes.some(({ kind }) => kind === 'all')) return;
  throw new Problem('out-of-scope', 'Holds are for those who may read every entry.');
};

/** Takes the order to erase a subject; throws as `orderErasure` does, and `invalid-body`. */
export const takeErasure =
  (parts: DeskParts) =>
  async (json: JsonObject, by: string): Promise<ErasureView> => {
    const { vaultKey } = parts.settings;
    const asked = parseBody(ErasureOrder, json);
    return viewErasure(await orderErasure({ ...parts, vaultKey })(asked, by));
  };

/** How far an erasure is; throws `not-found`. */
export const readErasure =
  ({ erasures }: DeskParts) =>
  async (id: string | undefined): Promise<ErasureView> => {
    const known = InquiryId.safeParse(id).data;
    const job = known === undefined ? undefined : await erasures.read(known);
    if (job === undefined) throw new Problem('not-found', 'There is no erasure of this id.');
    return viewErasure(job);
  };

/** A hold, and whether every erasure sees it by now. */
export type PlacedHold = HoldView & { readonly seen: boolean };

/** Places a hold; throws as `placeHold` does, `invalid-body` and `out-of-scope`. */
export const takeHold =
  (parts: DeskParts) =>
  async (json: JsonObject, by: string): Promise<PlacedHold> => {
    await mustSeeAll(parts, by);
    const { job, seen } = await placeHold(holdingOf(parts))(parseBody(HoldOrder, json), by);
    return { ...viewHold(job, parts.settings), seen };
  };

/** All holds there ever were, the oldest first; throws `out-of-scope`. */
export const listHolds =
  (parts: DeskParts) =>
  async (by: string): Promise<readonly HoldView[]> => {
    await mustSeeAll(parts, by);
    const jobs = await parts.holds.list();
    return jobs.map((job) => viewHold(job, parts.settings));
  };

/** Releases a hold; throws as `releaseHold` does, `invalid-body` and `out-of-scope`. */
export const takeRelease =
  (parts: DeskParts) =>
  async (id: string | undefined, json: JsonObject, by: string): Promise<HoldView> => {
    await mustSeeAll(parts, by);
    const asked = parseBody(ReleaseOrder, json);
    const known = InquiryId.safeParse(id).data;
    if (known === undefined) throw new Problem('not-found', 'There is no hold of this id.');
    return viewHold(await releaseHold(holdingOf(parts))(known, asked, by), parts.settings);
  };
