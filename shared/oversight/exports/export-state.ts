import * as z from 'zod';
import { concat, sha256Url, utf8 } from '../../kernel/bytes.ts';
import { InquiryId } from '../../kernel/id.ts';
import type { Job } from '../job-store.ts';

/**
 * What a job is at: its plan is settled; the lines of entries, what stands around them, whether all of it
 * stands; or it is over, or its time is.
 */
const steps = ['plan', 'lines', 'frame', 'check', 'done', 'failed', 'forgotten'] as const;

/** The parts of an export, in the order of the tar; censuses are set into the head. */
export const sections = ['head', 'lines', 'tail'] as const;
export type Section = (typeof sections)[number];

const count = z.int().min(0);

/** Why an export cannot be made. */
export const failures = {
  'too-large':
    'The entries are 8 GiB or more, or their censuses 64 MiB, which no export holds: cut the range.',
  'log-differs': 'The log is not the one that its checkpoint signs; its operator is told.',
  'parts-differ': 'A part of the export is not as it was put; its operator is told. Ask again.',
  erased: 'A person was erased whose facts it held, under an order or since their time was over.',
  broken: 'It broke off for a reason that its operator is told.',
} as const;
export type ExportFailure = keyof typeof failures;

const isFailure = (text: string): text is ExportFailure => Object.hasOwn(failures, text);

/** How far an export is. Kept small: all of them are looked at again and again. */
export const ExportState = z.strictObject({
  /** Whose it is. */
  by: z.string(),
  /** The digest of what was asked, and of what its reader might see then. */
  asked: z.string(),
  scopes: z.string(),
  step: z.enum(steps),
  /** Until when it can be fetched, in milliseconds since 1970; its job is kept until nothing is left. */
  until: z.int(),
  /** The inquiries of which facts were opened for it: it is erased with any of them. */
  opened: z.array(InquiryId).max(64),
  /** Leaves that are looked at in all, and that were. */
  total: count,
  done: count,
  /** Which range comes next, and its next leaf. */
  at: z.strictObject({ range: count, leaf: count }),
  rows: count,
  /** Bytes of the lines, of the censuses, and of everything that is kept. */
  lines: count,
  censuses: count,
  bytes: count,
  /** How many parts there are of each kind. */
  parts: z.strictObject({ head: count, lines: count, census: count, tail: count }),
  /** Over the marks of the parts that are fetched, in their order: `sumOver`. */
  sums: z.strictObject({ head: z.string(), lines: z.string(), tail: z.string() }),
  /** How many of the parts were looked at again, and the sum of those of the section they ended in. */
  checked: z.strictObject({ parts: count, sum: z.string() }),
  /** How often its parts were removed, and when last: by then nobody could fetch them any more. */
  removed: z.strictObject({ times: z.int().min(0).max(2), last: z.int() }),
  failure: z.string().refine(isFailure).exactOptional(),
});
export type ExportState = Readonly<z.infer<typeof ExportState>>;

/** An export of which nothing is settled yet. */
export const unsettled = {
  step: 'plan',
  total: 0,
  done: 0,
  at: { range: 0, leaf: 0 },
  rows: 0,
  lines: 0,
  censuses: 0,
  bytes: 0,
  parts: { head: 0, lines: 0, census: 0, tail: 0 },
  sums: { head: '', lines: '', tail: '' },
  checked: { parts: 0, sum: '' },
  removed: { times: 0, last: 0 },
} as const satisfies Partial<ExportState>;

/** A job with its state read. */
export type ExportJob = Omit<Job, 'state' | 'id'> & {
  readonly id: InquiryId;
  readonly state: ExportState;
};

/** Those of the jobs that can be read: one of another make is nobody's to go on with. */
export const readableJobs = (jobs: readonly Job[]): readonly ExportJob[] =>
  jobs.filter(({ state }) => ExportState.safeParse(state).success).map(toExportJob);

export const toExportJob = ({ id, state, ...job }: Job): ExportJob => ({
  ...job,
  id: InquiryId.parse(id),
  state: ExportState.parse(state),
});

/** The job with its next state. */
export const advanced = (job: ExportJob, change: Partial<ExportState>): ExportJob => ({
  ...job,
  version: job.version + 1,
  state: { ...job.state, ...change },
});

/** Whether it is being made. */
export const isOpen = ({ step }: Pick<ExportState, 'step'>): boolean =>
  step === 'lines' || step === 'frame' || step === 'check';

/** Whether its parts are nobody's any more, whatever comes. */
export const isGone = ({ step }: Pick<ExportState, 'step'>): boolean =>
  step === 'failed' || step === 'forgotten';

/** Whether whoever asked for it is told of it. */
export const isTold = (
  { step, until }: Pick<ExportState, 'step' | 'until'>,
  now: number,
): boolean => step !== 'forgotten' && until > now;

/** What a sum comes to with one more mark. */
export const sumOver = (sum: string, mark: Uint8Array): string =>
  sha256Url(concat(utf8(sum), mark));

export const partCount = ({ parts }: Pick<ExportState, 'parts'>): number =>
  sections.reduce((sum, section) => sum + parts[section], 0);

/** The name of a part among those that are fetched; undefined where there are not as many. */
export const partName = (
  { parts }: Pick<ExportState, 'parts'>,
  part: number,
): { readonly section: Section; readonly name: string } | undefined => {
  let at = part;
  for (const section of sections) {
    if (at < parts[section]) return { section, name: `${section}/${at}` };
    at -= parts[section];
  }
  return undefined;
};
