import * as z from 'zod';
import { StatementMade } from '#events/statement-made.ts';
import { payloadAs, recordIn } from '../leaf-json.ts';
import type { SeriesName } from './sequences.ts';

const Span = z.object({ first: z.int().min(1), last: z.int().min(1), n: z.int().min(1) });

const Said = z.looseObject({
  iss: z.string(),
  stm: z.looseObject({
    day: z.string(),
    asked: z.array(Span.extend({ station: z.string() })),
    answered: Span.optional(),
  }),
});

/** Numbers from `first` to `last`, `n` of them: which ones is only said when all were used. */
export type StatedSpan = SeriesName & z.infer<typeof Span>;

/** What a participant says of its numbers on a day. */
export type Statement = {
  readonly by: string;
  readonly day: string;
  readonly spans: readonly StatedSpan[];
};

/** What a record of a statement states; undefined where it has no form. Its signature is not judged here. */
export const statementOf = ({
  statement,
}: Pick<StatementMade, 'statement'>): Statement | undefined => {
  const said = payloadAs(statement, Said);
  if (said === undefined) return undefined;
  const { iss: by, stm } = said;
  const { day, asked, answered } = stm;
  return {
    by,
    day,
    spans: [
      ...asked.map((span) => ({ by, ...span })),
      ...(answered === undefined ? [] : [{ by, ...answered }]),
    ],
  };
};

/** The statement in a leaf; undefined for any other. */
export const statementIn = (leaf: Uint8Array): Statement | undefined => {
  const made = StatementMade.safeParse(recordIn(leaf)).data;
  return made && statementOf(made);
};
