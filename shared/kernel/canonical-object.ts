import { canonicalJson } from './canonical-json.ts';
import { Problem } from './problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from './strict-json.ts';

/** The object that a text is the RFC 8785 JSON of; undefined for every other text. */
export const canonicalObject = (text: string): JsonObject | undefined => {
  try {
    const json = parseStrictJson(text);
    return isJsonObject(json) && canonicalJson(json) === text ? json : undefined;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};
