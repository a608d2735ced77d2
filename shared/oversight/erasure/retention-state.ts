import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import type { Job } from '../job-store.ts';
import { Claim } from './claim.ts';
import { LeafMark } from './leaf-once.ts';

/** There is one retention, which never ends. */
export const retentionId = InquiryId.parse('00000000-0000-7000-8000-000000000000');

/** Milliseconds from the beginning of a run to the next. */
export const runEvery = 86_400_000;

const lasting = {
  /** When the next run begins, in milliseconds since 1970. */
  next: z.int(),
  /** Of each log the segments, from the first on, in which nothing is left that is old and not held. */
  clean: z.array(z.int().min(0)).readonly(),
  /** How many holds were released when that was so. */
  released: z.int().min(0),
};

const running = {
  ...lasting,
  /** What was asked before is old. */
  cutoff: z.int(),
  /** Inquiries whose facts are gone. */
  n: z.int().min(0),
};

/** The state of the retention as it is stored. */
export const RetentionState = z.discriminatedUnion('phase', [
  z.strictObject({ ...lasting, phase: z.literal('resting') }),
  z.strictObject({
    ...running,
    phase: z.literal('running'),
    /** The segment that comes next. */
    at: z.strictObject({ shard: z.int().min(0), n: z.int().min(0) }),
    /** Which of its inquiries are claimed is sealed, with the pseudonyms of those whom they name. */
    claim: Claim.extend({ sealed: z.string() }).exactOptional(),
  }),
  z.strictObject({ ...running, phase: z.literal('noting'), leaf: LeafMark }),
]);
export type RetentionState = Readonly<z.infer<typeof RetentionState>>;
export type Running = Extract<RetentionState, { phase: 'running' }>;

export const stateOfRetention = ({ state }: Pick<Job, 'state'>): RetentionState =>
  RetentionState.parse(state);
