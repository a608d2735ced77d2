const levels = '▁▂▃▄▅▆▇█';

/** Stands for nothing at all, which the lowest bar would not show. */
const none = '·';

/** A bar for each count, as high as it is beside the highest. */
export const sparkline = (counts: readonly number[]): string => {
  const most = Math.max(0, ...counts);
  return counts
    .map((count) => {
      if (count <= 0) return none;
      const level = Math.ceil((count / most) * levels.length) - 1;
      return levels.charAt(Math.min(levels.length - 1, Math.max(0, level)));
    })
    .join('');
};

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** One bar to the right, at most `width` characters: its length is `count` beside `most`. */
export const bar = (count: number, most: number, width: number): string => {
  if (count <= 0 || most <= 0 || width <= 0) return '';
  const parts = Math.max(1, Math.round((Math.min(count, most) / most) * width * 8));
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
};

/** Several counts that follow one another as one, where there are more than fit. */
export const gathered = (counts: readonly number[], most: number): readonly number[] => {
  const each = Math.max(1, Math.ceil(counts.length / Math.max(1, most)));
  return Array.from({ length: Math.ceil(counts.length / each) }, (_, n) =>
    counts.slice(n * each, (n + 1) * each).reduce((sum, one) => sum + one, 0),
  );
};
