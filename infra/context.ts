import type { IConstruct } from 'constructs';
import * as z from 'zod';

/**
 * Reads settings from the CDK context of `scope`, each key by itself; throws a message that names the
 * key at fault, and the `file` that says what it may be.
 */
export const readContext = <Shape extends z.ZodRawShape>(
  scope: IConstruct,
  settings: z.ZodObject<Shape>,
  file: string,
): z.output<z.ZodObject<Shape>> => {
  const given = Object.keys(settings.shape).flatMap((key): [string, unknown][] => {
    const value: unknown = scope.node.tryGetContext(key);
    return value === undefined ? [] : [[key, value]];
  });
  const parsed = settings.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw new Error(`The CDK context does not fit ${file}:\n${z.prettifyError(parsed.error)}`);
};
