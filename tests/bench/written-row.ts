import * as z from 'zod';

const Value = z.object({
  S: z.string().optional(),
  N: z.string().optional(),
  B: z.string().optional(),
});

/** A PutItem as it is sent, as far as its size goes. */
export const PutInput = z.object({ Item: z.record(z.string(), Value) });
export type PutInput = z.infer<typeof PutInput>;

/** What a store answers to `ReturnConsumedCapacity: TOTAL`, when it does. */
export const PutOutput = z.object({
  ConsumedCapacity: z.object({ CapacityUnits: z.number().optional() }).optional(),
});
export type PutOutput = z.infer<typeof PutOutput>;

/** One item of the journal as it was put: a row of an inquiry, a period's mark or a hold's key. In bytes. */
export type Row = {
  readonly kind: 'i' | 'o' | 'mark' | 'key';
  readonly record?: number;
  readonly vault?: number;
  /** The whole item. */
  readonly size: number;
  /** Undefined when the store does not say. */
  readonly reported: number | undefined;
};

const binaryLength = (base64: string): number => Buffer.from(base64, 'base64').length;

const valueSize = ({ S, N, B }: z.infer<typeof Value>): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return binaryLength(B);
  return N === undefined ? 0 : Math.ceil(N.length / 2) + 1;
};

/**
 * The size of an item as DynamoDB counts it: the UTF-8 bytes of names and texts, the bytes of
 * binaries, and half a byte a digit and one more for a number (Developer Guide, "DynamoDB item
 * sizes and formats").
 */
export const itemSize = (item: PutInput['Item']): number =>
  Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );

const kindOf = (partitionKey: string, sortKey: string): Row['kind'] => {
  if (partitionKey.startsWith('P#')) return 'mark';
  if (partitionKey.startsWith('H#')) return 'key';
  return sortKey.endsWith('#o') ? 'o' : 'i';
};

export const rowOf = ({ Item }: PutInput, { ConsumedCapacity }: PutOutput): Row => {
  const [record, vault] = [Item['r']?.B, Item['d']?.B];
  return {
    kind: kindOf(Item['pk']?.S ?? '', Item['sk']?.S ?? ''),
    ...(record !== undefined && { record: binaryLength(record) }),
    ...(vault !== undefined && { vault: binaryLength(vault) }),
    size: itemSize(Item),
    reported: ConsumedCapacity?.CapacityUnits,
  };
};
