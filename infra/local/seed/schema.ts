import type { Service } from '#shared/registry/service.ts';

type Properties = Service['input']['properties'];

/** The schema of an object that holds these members and no other (JSON Schema 2020-12). */
export const objectOf = (properties: Properties, required: readonly string[] = []) =>
  ({
    type: 'object',
    properties,
    required: [...required],
    additionalProperties: false,
  }) satisfies Service['input'];

export const yesNo = { type: 'boolean' } as const;
export const word = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const count = { type: 'integer', minimum: 0 } as const;
export const day = { type: 'string', format: 'date' } as const;
export const oneOf = (...values: readonly string[]) => ({ enum: [...values] });
/** A text in one of the formats of shared/persian/formats.ts. */
export const formatted = (format: string) => ({ type: 'string', format });
