import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressOn, silent } from '#shared/client/cli/progress.ts';

const collector = (isTTY: boolean) => {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => chunks.join('') };
};

describe('progressOn', () => {
  it('writes a line each tenth where nothing can be drawn', () => {
    const { stream, text } = collector(false);
    const progress = progressOn(stream);
    for (let done = 0; done <= 100_000; done += 1000) progress.at(done, 100_000);
    progress.end();
    expect(text().split('\n')).toHaveLength(11);
    expect(text()).toContain('10,000 of 100,000 leaves\n');
  });

  it('says nothing of what is over at once, and nothing when it is to be silent', () => {
    const { stream, text } = collector(false);
    const progress = progressOn(stream);
    for (let done = 0; done <= 1000; done += 100) progress.at(done, 1000);
    progress.end();
    silent.at(1, 100_000);
    silent.end();
    expect(text()).toBe('');
  });

  it('draws a bar on a terminal', () => {
    const { stream, text } = collector(true);
    const progress = progressOn(stream);
    progress.at(50_000, 100_000);
    progress.at(100_000, 100_000);
    progress.end();
    expect(text()).toContain('Read to the end');
  });
});
