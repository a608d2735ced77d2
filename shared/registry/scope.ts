import * as z from 'zod';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import { ParticipantId } from '../message/claims.ts';
import { toInput } from '../persian/text.ts';
import type { Participant } from './participant.ts';
import { plainText } from './plain-text.ts';

/** How many scopes a participant may have. */
export const mostScopes = 32;

/** The name of a province as {@link toInput} writes it: NFC, Persian letters, nothing unseen around it. */
export const Province = plainText(60).refine((text) => toInput(text) === text);

/** One part of the journal that a participant may read. */
export const Scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  /** What was asked for counters whose licence named this province on the day. */
  z.strictObject({ kind: z.literal('province'), value: Province }),
  /** What was asked of this agency. */
  z.strictObject({
    kind: z.literal('agency'),
    value: ParticipantId.refine((id) => roleOf(id) === 'agency'),
  }),
  /** What was asked for this counter. */
  z.strictObject({
    kind: z.literal('counter'),
    value: ParticipantId.refine((id) => roleOf(id) === 'counter'),
  }),
]);
export type Scope = z.infer<typeof Scope>;

const everything: readonly Scope[] = [{ kind: 'all' }];

/**
 * What a participant may read of the journal: auditors what the registrar gave them, and everything
 * where it never said; counters and agencies what is their own.
 */
export const scopesOf = ({ id, scopes }: Pick<Participant, 'id' | 'scopes'>): readonly Scope[] => {
  const role = roleOf(id);
  switch (role) {
    case 'auditor':
      return scopes ?? everything;
    case 'registrar':
    case 'guild':
      return everything;
    case 'counter':
    case 'agency':
      return [{ kind: role, value: id }];
    case 'vendor':
    case 'operator':
    case 'exchange':
    case undefined:
      return [];
  }
};

/** Where an inquiry belongs: for whom it was asked, of whom, and where the counter is, if known. */
export type Placed = {
  readonly counter: string;
  readonly agency: string;
  readonly province?: string | undefined;
};

const covers = (scope: Scope, { counter, agency, province }: Placed): boolean => {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'province':
      return province === scope.value;
    case 'agency':
      return agency === scope.value;
    case 'counter':
      return counter === scope.value;
  }
};

/** Whether one of the scopes holds an inquiry; its province as {@link Province} writes it. */
export const isWithin = (scopes: readonly Scope[], entry: Placed): boolean =>
  scopes.some((scope) => covers(scope, entry));

/** What a filter may name that belongs to somebody. */
export type Naming = {
  readonly counter?: string | undefined;
  readonly agency?: string | undefined;
  /** With or without its version; it belongs to the agency before the slash. */
  readonly service?: string | undefined;
  readonly province?: string | undefined;
};

/**
 * The provinces of counters that a filter or a scope names, by their ids; those that are known. `past`:
 * what is asked for is of a time at which they may have been elsewhere.
 */
export type Homes = ReadonlyMap<string, string> | 'past';

const mayBeIn = (homes: Homes, counter: string, province: string): boolean =>
  homes === 'past' || homes.get(counter) === province;

const fits = (wanted: string | undefined, value: string | undefined): boolean =>
  wanted === undefined || wanted === value;

const ownerOf = (service: string | undefined): string | undefined =>
  service === undefined ? undefined : `agency:${service.split('/', 1)[0] ?? ''}`;

/** Whether an inquiry can be both what a filter names and in a scope. */
const canMeet = (scope: Scope, filter: Naming, homes: Homes): boolean => {
  const { counter, agency, service, province } = filter;
  switch (scope.kind) {
    case 'all':
      return true;
    case 'province':
      return (
        fits(province, scope.value) &&
        (counter === undefined || mayBeIn(homes, counter, scope.value))
      );
    case 'agency':
      return fits(agency, scope.value) && fits(ownerOf(service), scope.value);
    case 'counter':
      return (
        fits(counter, scope.value) &&
        (province === undefined || mayBeIn(homes, scope.value, province))
      );
  }
};

/** A filter, and the scopes that what it selects must lie within (`isWithin`). */
export type Narrowed<Filter> = Filter & { readonly within: readonly Scope[] };

/**
 * The filter that a reader of these scopes may use. Throws the problem `out-of-scope` when nothing of
 * what it names can lie within them, as always for a reader without any.
 */
export const narrowing = <Filter extends Naming>(
  scopes: readonly Scope[],
  filter: Filter,
  homes: Homes = new Map(),
): Narrowed<Filter> => {
  if (!scopes.some((scope) => canMeet(scope, filter, homes))) {
    throw new Problem('out-of-scope', 'What the query names lies outside what you may read.');
  }
  return { ...filter, within: scopes };
};
