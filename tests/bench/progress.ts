import type { Progress } from './report.ts';

const width = 24;

/** Shows on standard error how far a bench is: a bar on a terminal, else a line for each new step. */
export const showProgress = (bench: string): Progress & { readonly done: () => void } => {
  const terminal = process.stderr.isTTY;
  const started = performance.now();
  let last = '';
  const show = (share: number, doing: string): void => {
    const full = Math.round(share * width);
    if (terminal) {
      const bar = '█'.repeat(full) + '░'.repeat(width - full);
      process.stderr.write(`\r\u001b[K${bench.padEnd(8)} ${bar} ${doing}`);
    } else if (doing !== last) {
      process.stderr.write(`${bench}: ${doing}\n`);
    }
    last = doing;
  };
  const done = (): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    process.stderr.write(`${terminal ? '\r\u001b[K' : ''}${bench}: done in ${seconds} s\n`);
  };
  return Object.assign(show, { done });
};
