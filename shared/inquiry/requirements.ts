import { Outcome } from '#events/outcome.ts';
import { problems } from '../kernel/problem.ts';
import { algorithms } from '../message/algorithm.ts';
import { clockSkew } from '../message/claim-checks.ts';
import { presences } from '../message/claims.ts';
import { maxDigests } from '../message/disclosure.ts';
import { kinds, maxBody } from '../message/kind.ts';
import { subjectTypes } from '../persian/subject.ts';
import { commandFreshness, commandsUrl } from '../registry/command-sender.ts';
import { freshness } from './can-begin.ts';
import { type Exchange, exchangeId, inquiriesUrl, logOrigin } from './exchange.ts';
import { logFacts } from './log-facts.ts';
import { statementsUrl } from './take-statement.ts';

/** Where persons ask who asked about them and by whose token, and what they learn later. */
const personFacts = ({ origin, persons, confidentialBases }: Exchange['settings']): object => ({
  confidential_bases: confidentialBases,
  ...(persons !== undefined && {
    persons: {
      accesses: `${origin}/v1/subjects/me/accesses`,
      disputes: `${origin}/v1/subjects/me/disputes`,
      issuer: persons.issuer,
      audience: persons.audience,
    },
  }),
});

/** What a caller must know, for machines: `GET /.well-known/estelam` (protocol.md §8). */
export const requirements = async (exchange: Exchange): Promise<object> => {
  const { settings, directory } = exchange;
  const [services, log] = await Promise.all([directory.services(), logFacts(exchange)]);
  const { origin, layout } = settings;
  return {
    id: exchangeId,
    origin,
    inquiries: inquiriesUrl(origin),
    commands: commandsUrl(origin),
    statements: statementsUrl(origin),
    jwks_uri: `${origin}/.well-known/jwks.json`,
    algorithms,
    messages: Object.fromEntries(
      Object.entries(kinds).map(([name, { typ, senders, maxJws, maxLifetime }]) => [
        name,
        { typ, senders, max_jws: maxJws, max_lifetime: maxLifetime },
      ]),
    ),
    limits: {
      body: maxBody,
      digests: maxDigests,
      freshness_ms: freshness,
      command_freshness_ms: commandFreshness,
      clock_ahead: clockSkew.ahead,
      clock_behind: clockSkew.behind,
      hold: settings.holdTime / 1000,
    },
    purposes: [...new Set(services.flatMap(({ purposes }) => purposes))].toSorted(),
    subject_types: subjectTypes,
    presences,
    outcomes: Outcome.options,
    problems: Object.fromEntries(
      Object.entries(problems).map(([name, { status }]) => [name, status]),
    ),
    ...personFacts(settings),
    logs: Array.from({ length: layout.shards }, (_, shard) => logOrigin(origin, shard)),
    log,
    mmd: settings.mergeDelay,
  };
};
