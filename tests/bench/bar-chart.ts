export type Bar = {
  readonly label: string;
  readonly value: number;
  /** What stands behind the bar. */
  readonly says: string;
  readonly tone: 'ours' | 'floor' | 'other';
};

export type BarChart = {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  readonly scale: 'linear' | 'logarithmic';
};

const tones = { ours: '#0f6e84', floor: '#9aa5b1', other: '#c98a2b' } as const;

const width = 860;
const left = 290;
const right = 210;
const row = 26;
const top = 64;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** How far a value reaches, from 0 to 1; on a logarithmic scale the axis begins at 1. */
const reach = (value: number, most: number, scale: BarChart['scale']): number => {
  if (most <= 0 || value <= 0) return 0;
  return scale === 'linear' ? value / most : Math.max(0, Math.log10(value) / Math.log10(most));
};

/** A chart of lying bars as SVG 1.1, readable on a light and on a dark page. */
export const barChart = ({ title, subtitle, bars, scale }: BarChart): string => {
  const most = Math.max(...bars.map(({ value }) => value));
  const height = top + bars.length * row + 16;
  const drawn = bars.map(({ label, value, says, tone }, n) => {
    const y = top + n * row;
    const long = Math.max(1, reach(value, most, scale) * (width - left - right));
    return [
      `  <text x="${left - 10}" y="${y + 14}" text-anchor="end">${escape(label)}</text>`,
      `  <rect x="${left}" y="${y}" width="${long.toFixed(1)}" height="18" fill="${tones[tone]}"/>`,
      `  <text x="${(left + long + 8).toFixed(1)}" y="${y + 14}">${escape(says)}</text>`,
    ].join('\n');
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"`,
    `  font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">`,
    `  <title>${escape(title)}</title>`,
    `  <rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `  <text x="16" y="26" font-size="16" font-weight="600">${escape(title)}</text>`,
    `  <text x="16" y="46" fill="#52606d">${escape(subtitle)}</text>`,
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
};
