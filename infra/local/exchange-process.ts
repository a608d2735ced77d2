import { loadHandlers, startServer } from './server.ts';

/** The exchange as a process of its own; `PORT` and the functions' settings come from the environment. */
const port = Number(process.env['PORT'] ?? 8787);

const fail = (error: unknown): never => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const said = inUse
    ? `Port ${port} is in use: stop what listens there, or set PORT.`
    : `The exchange did not start: ${error instanceof Error ? error.message : 'unknown error'}`;
  process.send?.({ failed: said });
  process.stderr.write(`${said}\n`);
  process.exit(1);
};

try {
  const server = await startServer(await loadHandlers(), port);
  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The parent holds the other end: when it goes, for whatever reason, so does the exchange.
  process.once('disconnect', stop);
  process.send?.({ ready: true });
} catch (error) {
  fail(error);
}
