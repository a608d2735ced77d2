import { InquiryAsked } from '#events/inquiry-asked.ts';
import { lastInstant } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../../kernel/strict-json.ts';
import { RequestClaims } from '../../message/claims.ts';
import { parseMessage } from '../../message/framing.ts';
import { kinds } from '../../message/kind.ts';
import { isRecord } from './read-leaf.ts';

/** What was asked and decided, as a leaf has it. Nothing is verified. */
export type AskedLeaf = {
  readonly intent: InquiryAsked;
  readonly claims: RequestClaims;
  /** The same claims as they were signed, with the digests of the facts. */
  readonly signed: JsonObject;
};

const newline = 0x0a;

/** Whether a time has a day in every calendar that it is shown by. */
const isInCalendar = (time: number): boolean => time >= 0 && time <= lastInstant;

/** The first line of an inquiry's leaf; undefined for any other leaf, and for one that has no form. */
export const readAsked = (data: Uint8Array): AskedLeaf | undefined => {
  if (isRecord(data)) return undefined;
  try {
    const line = data.subarray(0, data.indexOf(newline));
    const intent = InquiryAsked.safeParse(parseStrictJson(line)).data;
    if (intent === undefined || !isInCalendar(intent.t)) return undefined;
    const signed = parseStrictJson(parseMessage(`${intent.req}~`, kinds.request).payload);
    const claims = RequestClaims.safeParse(signed).data;
    if (claims === undefined || claims.inq.id !== intent.id || !isJsonObject(signed)) {
      return undefined;
    }
    return { intent, claims, signed };
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};
