import type { IncomingMessage } from 'node:http';
import { concat } from '#shared/kernel/bytes.ts';

/**
 * All bytes of an answer; undefined as soon as there are more than `max`, and its connection is
 * dropped. By events: an async iterator takes three times the CPU (docs/performance.md).
 */
export const readAnswer = (answer: IncomingMessage, max: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    answer.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= max) {
        chunks.push(chunk);
      } else {
        resolve(undefined);
        answer.destroy();
      }
    });
    answer.once('end', () => resolve(concat(...chunks)));
    answer.once('error', reject);
    answer.once('close', () => {
      if (!answer.readableEnded) reject(new Error('The answer broke off.'));
    });
  });
