import { vi } from 'vitest';
import type { InquiryId } from '#shared/kernel/id.ts';
import { idOf, requestFor } from './ask.ts';
import { whileBehaving } from './behaving.ts';
import { rowsOf } from './evidence.ts';
import { serviceOf } from './questions.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

/** Resolves when the intent of an inquiry stands in the journal. */
export const untilIntent = (stage: Stage, id: InquiryId): Promise<void> =>
  vi.waitFor(
    async () => {
      if ((await rowsOf(stage, id)).intent === undefined) throw new Error('No intent yet.');
    },
    { timeout: 10_000, interval: 20 },
  );

/** An inquiry whose agency takes its time, and what is done meanwhile. */
export const whileInFlight = <Result>(
  stage: Stage,
  meanwhile: (text: string) => Promise<Result>,
): Promise<{ readonly text: string; readonly first: Heard; readonly meanwhile: Result }> =>
  whileBehaving(
    stage,
    'post',
    'slow',
    async () => {
      const text = await requestFor(stage, { question: serviceOf('post').yes });
      const answering = stage.wire.post(text);
      await untilIntent(stage, idOf(text));
      const result = await meanwhile(text);
      return { text, first: await answering, meanwhile: result };
    },
    { ms: 1500 },
  );
