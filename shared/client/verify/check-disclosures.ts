import type { Disclosed } from '../../audit/export/entry-line.ts';
import { Problem } from '../../kernel/problem.ts';
import { isJsonObject, parseStrictJson } from '../../kernel/strict-json.ts';
import { openDisclosures } from '../../message/disclosure.ts';
import { parseMessage } from '../../message/framing.ts';
import { kinds, type MessageKind } from '../../message/kind.ts';
import type { Fault } from './check-message.ts';
import { readLeaf } from './read-leaf.ts';

const wrong = (whose: string): Fault => ({
  fault: `${whose}-disclosure-wrong`,
  detail: `A disclosure is not one of those that the ${whose} holds a digest of.`,
});

const check = (
  whose: string,
  jws: string | undefined,
  kind: MessageKind,
  texts: readonly string[],
): readonly Fault[] => {
  if (texts.length === 0) return [];
  if (jws === undefined) return [wrong(whose)];
  try {
    const claims = parseStrictJson(parseMessage(`${jws}~`, kind).payload);
    if (!isJsonObject(claims)) return [wrong(whose)];
    openDisclosures(claims, texts, false);
    return [];
  } catch (error) {
    if (error instanceof Problem) return [wrong(whose)];
    throw error;
  }
};

/** Whether every opened fact has its digest in the messages of its leaf; no signature is verified. */
export const checkDisclosures = (
  data: Uint8Array,
  { request, response }: Disclosed,
): readonly Fault[] => {
  const { leaf } = readLeaf(data);
  if (leaf?.kind !== 'inquiry') return [wrong('leaf')];
  return [
    ...check('request', leaf.intent.req, kinds.request, request),
    ...check('answer', leaf.outcome.res, kinds.response, response),
  ];
};
