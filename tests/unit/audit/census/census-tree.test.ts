import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascending } from '#shared/audit/ascending.ts';
import { proveCounts, provenCount, rootOfLines } from '#shared/audit/census/census-tree.ts';

/** Lines as a census has them: sorted, each key once. */
const some = fc
  .uniqueArray(fc.nat({ max: 40 }), { maxLength: 20 })
  .map((all) => all.map((n) => `counter counter:${n} ${n + 1}`).toSorted(ascending));

const wanted = Array.from({ length: 41 }, (_, n) => `counter counter:${n}`);

const numberIn = (key: string): number => Number(key.split(':')[1]);

describe('counts that are proven', () => {
  it('are those of the lines, and 0 for what is not among them', async () => {
    await fc.assert(
      fc.asyncProperty(some, async (lines) => {
        const census = { root: rootOfLines(lines), of: lines.length };
        const counts = await proveCounts(lines, wanted);
        const proven = counts.map((one) => provenCount(census, one));
        const right = wanted.map((key) => {
          const count = numberIn(key) + 1;
          return lines.includes(`${key} ${count}`) ? count : 0;
        });
        expect(proven).toEqual(right);
      }),
      { numRuns: 50 },
    );
  });

  it('are no other, whatever is said: another root, key, line, place or size', async () => {
    const nonempty = some.filter((lines) => lines.length > 0);
    const lie = fc.record({ at: fc.nat({ max: 20 }), of: fc.nat({ max: 20 }), key: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(nonempty, fc.nat(40), lie, async (lines, number, { at, of, key }) => {
        const root = rootOfLines(lines);
        const [proven] = await proveCounts(lines, [`counter counter:${number}`]);
        if (proven === undefined) throw new Error('one is proven');
        const other = `counter counter:${key}`;
        const count = lines.includes(`${other} ${key + 1}`) ? key + 1 : 0;
        // Places and sizes may be lies: what is shown in the end is right, or nothing.
        const lied = proven.lines.map((one, n) => ({ ...one, at: at + n }));
        for (const said of [proven.lines, lied, lied.toReversed(), proven.lines.slice(0, 1)]) {
          for (const size of [of, lines.length]) {
            const shown = provenCount({ root, of: size }, { key: other, lines: said });
            expect([undefined, count]).toContain(shown);
          }
        }
        const bent = proven.lines.map((one) => ({ ...one, line: `${one.line}0` }));
        expect(provenCount({ root, of: lines.length }, { ...proven, lines: bent })).toBe(undefined);
      }),
      { numRuns: 100 },
    );
  });

  it('are not shown to be none by lines that have others between them', async () => {
    const three = some.filter((lines) => lines.length > 2);
    await fc.assert(
      fc.asyncProperty(three, fc.nat(), async (lines, nth) => {
        const census = { root: rootOfLines(lines), of: lines.length };
        const at = 1 + (nth % (lines.length - 2));
        const keys = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
        const proven = await proveCounts(lines, keys);
        const around = [at - 1, at + 1].flatMap((n) => proven[n]?.lines ?? []);
        expect(provenCount(census, { key: keys[at] ?? '', lines: around })).toBe(undefined);
        expect(provenCount(census, { key: keys[at] ?? '', lines: around.slice(0, 1) })).toBe(
          undefined,
        );
        expect(provenCount(census, { key: keys[at] ?? '', lines: around.slice(1) })).toBe(
          undefined,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('are not shown by no line, but of a census of nothing', () => {
    const nothing = { key: 'outcome FOUND', lines: [] };
    expect(provenCount({ root: rootOfLines([]), of: 0 }, nothing)).toBe(0);
    const root = rootOfLines(['outcome DENIED 3']);
    expect(provenCount({ root, of: 0 }, nothing)).toBe(undefined);
    expect(provenCount({ root: 'x', of: 0 }, nothing)).toBe(undefined);
  });
});
