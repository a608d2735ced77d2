import { InvalidArgumentError } from 'commander';
import { Code } from '../../../message/claims.ts';

/** Sequence numbers as they are typed: `till-1=1-16`, or of an agency `1-200`; `:15` behind, where some were not used. */
export type TypedNumbers = {
  readonly station?: string;
  readonly first: number;
  readonly last: number;
  /** How many of them were used, where that is said. */
  readonly used?: number;
};

const form = /^(?:(?<station>[^=]+)=)?(?<first>[0-9]+)(?:-(?<last>[0-9]+))?(?::(?<used>[0-9]+))?$/;

const wrong = (): InvalidArgumentError =>
  new InvalidArgumentError(
    'Numbers are typed as till-1=1-16, or of an agency as 1-200; with :15 behind where 15 of them were used.',
  );

/** A whole number from 1 on. */
const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw wrong();
  return number;
};

const readNumbers = (text: string): TypedNumbers => {
  const { station, first = '', last = first, used } = form.exec(text)?.groups ?? {};
  if (station !== undefined && !Code.safeParse(station).success) throw wrong();
  const range = { first: count(first), last: count(last) };
  if (range.first > range.last) throw wrong();
  return {
    ...(station !== undefined && { station }),
    ...range,
    ...(used !== undefined && { used: count(used) }),
  };
};

/** Reads one more of an option that may stand several times; what is wrong is told by commander. */
export const moreNumbers = (
  text: string,
  before: readonly TypedNumbers[] = [],
): readonly TypedNumbers[] => [...before, readNumbers(text)];
