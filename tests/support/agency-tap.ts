/** Stands before one agency and notes what the exchange sent to it. */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { readAtMost } from '#shared/kernel/read-at-most.ts';

/** One call as it came from the exchange. */
export type TappedCall = { readonly headers: IncomingHttpHeaders; readonly forward: string };

/** Answers in the agency's place. */
export type Instead = (response: ServerResponse) => void;

/** Calls stand still: `reached` by the first of them, until `release`. */
export type Pause = { readonly reached: Promise<void>; readonly release: () => void };

export type AgencyTap = {
  /** Without a path. */
  readonly url: string;
  readonly calls: () => readonly TappedCall[];
  /** From now on this answers; the agency itself again when it is undefined. */
  readonly answerInstead: (instead: Instead | undefined) => void;
  /** From now on calls wait before they go on to the agency. */
  readonly pause: () => Pause;
  readonly close: () => Promise<void>;
};

export const startAgencyTap = async (target: string): Promise<AgencyTap> => {
  const calls: TappedCall[] = [];
  let instead: Instead | undefined;
  let gate: () => Promise<void> = () => Promise.resolve();

  const server = createServer((incoming, outgoing) => {
    const pass = async (): Promise<void> => {
      const body = Buffer.from((await readAtMost(incoming, 1_000_000)) ?? []);
      calls.push({ headers: incoming.headers, forward: body.toString('latin1') });
      await gate();
      if (instead !== undefined) {
        instead(outgoing);
        return;
      }
      const { method, url = '/', headers } = incoming;
      const onward = httpRequest(target + url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.once('error', () => outgoing.destroy());
        answer.pipe(outgoing);
      });
      onward.once('error', () => outgoing.destroy());
      onward.end(body);
    };
    pass().catch(() => incoming.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The tap has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls: () => calls,
    answerInstead: (next) => {
      instead = next;
    },
    pause: () => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      gate = () => {
        reached.resolve();
        return released.promise;
      };
      return {
        reached: reached.promise,
        release: () => {
          gate = () => Promise.resolve();
          released.resolve();
        },
      };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
