import { existsSync, readFileSync } from 'node:fs';
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

/** The same, as JSON of a shape. */
export const readVectors = <Shape>(
  test: TestContext,
  path: string,
  shape: z.ZodType<Shape>,
): Shape => shape.parse(JSON.parse(readVectorText(test, path)));
