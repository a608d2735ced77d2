import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { parseBody } from '../parse-body.ts';
import { Ground } from './dispute-store.ts';

const Disputed = z.strictObject({ inquiry: InquiryId, ground: Ground });
type Disputed = z.infer<typeof Disputed>;

/** The most bytes of a dispute: it says two things. */
const maxDispute = 1024;

/** What a person posts against an inquiry; the problems `too-large` and `invalid-body` for anything else. */
export const parseDispute = (posted: {
  /** One character a byte. */
  readonly body: () => string;
  readonly json: () => JsonObject;
}): Disputed => {
  if (posted.body().length > maxDispute) {
    throw new Problem('too-large', `Send at most ${maxDispute} bytes.`);
  }
  return parseBody(Disputed, posted.json());
};
