import { readAtMost } from '#shared/kernel/read-at-most.ts';
import { type JsonValue, parseStrictJson } from '#shared/kernel/strict-json.ts';

/** Milliseconds that a provider has for its whole answer. */
const patience = 3000;

/** The most bytes of an answer: a set of some keys, or of settings. */
const maxAnswer = 262_144;

/** Gives what a provider publishes under an address; rejects with an error that quotes none of it. */
export type FetchJson = (url: string) => Promise<JsonValue>;

/**
 * One GET, https but on this machine, which the settings see to. No redirect is followed: an address
 * that moved must be configured anew.
 */
export const fetchJson: FetchJson = async (url) => {
  const answer = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  });
  if (answer.status !== 200 || answer.body === null) {
    await answer.body?.cancel();
    throw new Error(`The provider answered ${answer.status}.`);
  }
  const bytes = await readAtMost(answer.body, maxAnswer);
  if (bytes === undefined) throw new Error('The answer of the provider is too large.');
  return parseStrictJson(bytes);
};
