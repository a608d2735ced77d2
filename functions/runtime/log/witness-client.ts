import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { WitnessClient, WitnessReply } from '#shared/audit/publish/ask-witnesses.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { readAnswer } from '../read-answer.ts';

/** Milliseconds that a witness has for its whole answer. */
const patience = 5000;

/** The most bytes of an answer: cosignatures are lines of a hundred bytes. */
const maxAnswer = 65_536;

/** Milliseconds that a witness is left alone: after one failure, and at most. */
const rest = { first: 2000, longest: 300_000 } as const;

/** A witness that was not asked, or gave no answer that could be read. */
export class WitnessSilent extends Error {
  override readonly name = 'WitnessSilent';
}

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

const readReply = async (answer: IncomingMessage): Promise<WitnessReply> => {
  const bytes = await readAnswer(answer, maxAnswer);
  if (bytes === undefined) throw new Error('The answer is too large.');
  const { statusCode = 0, headers } = answer;
  const body = Buffer.from(bytes).toString('utf8');
  return { status: statusCode, type: headers['content-type'] ?? '', body };
};

/** One POST; nothing is followed: a redirect is an answer like another. */
const post = (url: URL, body: Uint8Array, agents: Agents, timeout: number): Promise<WitnessReply> =>
  new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const outgoing = {
      agent: secure ? agents.https : agents.http,
      method: 'POST',
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length },
    };
    const fail = (cause: unknown): void => {
      reject(new WitnessSilent('The witness gave no answer.', { cause }));
    };
    const request = (secure ? httpsRequest : httpRequest)(url, outgoing, (answer) => {
      readReply(answer).then(resolve, fail);
    });
    const timer = setTimeout(() => request.destroy(new Error('timeout')), timeout);
    request.on('error', fail);
    // An upgrade nobody asked for: Node closes the connection and would not say so.
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      fail(new Error('upgrade'));
    });
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });

/** `failures` in a row; not asked before `until`. */
type Standing = { readonly failures: number; readonly until: number; readonly conflict: boolean };

const restAfter = (failures: number): number =>
  Math.min(rest.longest, rest.first * 2 ** (failures - 1));

/**
 * Asks witnesses (C2SP tlog-witness, add-checkpoint) over HTTP, https but on one's own machine; the
 * signature alone is trusted. A witness that fails is left alone, longer each time. A conflict is how
 * it says where it stands; two in a row are a failure, as is every other status than 200.
 */
export const httpWitnessClient = ({
  now,
  timeout = patience,
}: {
  readonly now: Clock;
  readonly timeout?: number;
}): WitnessClient => {
  const kept = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const;
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  const standings = new Map<string, Standing>();

  const fails = (url: string, { failures }: Standing): void => {
    const more = failures + 1;
    standings.set(url, { failures: more, until: now() + restAfter(more), conflict: false });
  };

  return async (url, body) => {
    const before = standings.get(url) ?? { failures: 0, until: 0, conflict: false };
    if (now() < before.until) throw new WitnessSilent('The witness is left alone for a while.');
    const target = URL.parse(`${url}/add-checkpoint`);
    if (target === null || !['http:', 'https:'].includes(target.protocol)) {
      throw new WitnessSilent('The witness has no address.');
    }
    try {
      const reply = await post(target, body, agents, timeout);
      const conflict = reply.status === 409 && !before.conflict;
      if (reply.status === 200) standings.delete(url);
      else if (conflict) standings.set(url, { ...before, conflict });
      else fails(url, before);
      return reply;
    } catch (error) {
      fails(url, before);
      throw error;
    }
  };
};
