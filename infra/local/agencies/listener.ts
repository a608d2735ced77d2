import { once } from 'node:events';
import type { Server } from 'node:http';
import { freePort } from '../free-port.ts';

/** A server on one port of this machine that can be taken down and brought up again. */
export type Listener = {
  readonly port: () => number;
  readonly up: () => Promise<void>;
  /** Breaks what is open and refuses connections until {@link up}. */
  readonly down: () => Promise<void>;
};

/** `wanted`: the port, or 0 for one that is free; that one is kept from then on. */
export const listenerOf = (server: Server, wanted: number): Listener => {
  let port = wanted;
  return {
    port: () => port,
    up: async () => {
      if (server.listening) return;
      if (port === 0) port = await freePort();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    down: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
