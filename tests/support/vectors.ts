import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'vitest';
import type * as z from 'zod';

const folder = new URL('../../../shared/vectors/', import.meta.url);

/**
 * The text of a third-party vector file beside the project (`../shared/vectors`). Where the folder
 * is absent, as in a user's clone, the test is skipped and says so.
 */
export const readVectorText = (test: TestContext, path: string): string => {
  const file = new URL(path, folder);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const reason = `third-party vectors are missing: ../shared/vectors/${path}`;
  console.warn(`SKIPPED ${test.task.name}: ${reason}`);
  return test.skip(reason);
};

/** The paths of all JSON files below a folder, for {@link readVectorText}; skips where it is absent. */
export const listVectors = (test: TestContext, path: string): readonly string[] => {
  const place = new URL(path, folder);
  if (existsSync(place)) {
    return readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => `${path}/${name}`)
      .toSorted();
  }
  const reason = `third-party vectors are missing: ../shared/vectors/${path}`;
  console.warn(`SKIPPED ${test.task.name}: ${reason}`);
  return test.skip(reason);
};

/** The text of a vector file as JSON of a shape. */
export const readVectors = <Shape>(
  test: TestContext,
  path: string,
  shape: z.ZodType<Shape>,
): Shape => shape.parse(JSON.parse(readVectorText(test, path)));
