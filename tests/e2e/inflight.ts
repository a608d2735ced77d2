import { requestFor } from './ask.ts';
import { serviceOf } from './questions.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';

/** An inquiry whose agency is being asked, and what is done meanwhile. */
export const whileInFlight = async <Result>(
  stage: Stage,
  work: (text: string) => Promise<Result>,
): Promise<{ readonly text: string; readonly first: Heard; readonly meanwhile: Result }> => {
  const text = await requestFor(stage, { question: serviceOf('companies').yes });
  const { reached, release } = stage.world.tap.pause();
  const answering = stage.wire.post(text);
  try {
    await reached;
    const meanwhile = await work(text);
    release();
    return { text, first: await answering, meanwhile };
  } finally {
    release();
  }
};
