import * as z from 'zod';

/** An attribute map of the DynamoDB JSON protocol, as far as our tables use it. */
export const Item = z.record(
  z.string(),
  z.object({ S: z.string().optional(), N: z.string().optional(), B: z.string().optional() }),
);
export type Item = z.infer<typeof Item>;

export const binary = (bytes: Uint8Array): { readonly B: string } => ({
  B: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
});
export const text = (value: string): { readonly S: string } => ({ S: value });
export const number = (value: number): { readonly N: string } => ({ N: String(value) });

const missing = (name: string): never => {
  throw new TypeError(`A stored item lacks the attribute ${name}.`);
};

export const readBinary = (item: Item, name: string): Uint8Array =>
  Buffer.from(item[name]?.B ?? missing(name), 'base64');
export const readText = (item: Item, name: string): string => item[name]?.S ?? missing(name);
export const readNumber = (item: Item, name: string): number =>
  Number(item[name]?.N ?? missing(name));

/** What a GetItem, a Query or a failed condition hands back. */
export const GetAnswer = z.object({ Item: Item.optional() });
export const QueryAnswer = z.object({
  Items: z.array(Item),
  LastEvaluatedKey: Item.optional(),
});
