import type { IncomingMessage } from 'node:http';
import { Problem } from '#shared/kernel/problem.ts';

/** A body of at most so many bytes, as Latin-1: one character a byte. */
export const readBody = async (request: IncomingMessage, most: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) throw new TypeError('A body arrives as bytes.');
    size += chunk.length;
    if (size > most) throw new Problem('too-large', `At most ${most} bytes are read.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
};

/** The media type of a request, without parameters. */
export const mediaTypeOf = (request: IncomingMessage): string =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
