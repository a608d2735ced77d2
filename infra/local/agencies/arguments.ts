import { parseArgs } from 'node:util';
import { type AgencyName, agencyNames, isAgencyName } from '../seed/agencies.ts';
import { type Behaviour, behaviours, normal, parseBehaviour } from './behaviour.ts';

/** How the sample agencies are started, together in one process. */
export type AgenciesArguments = {
  /** Where the agencies' private keys are, or are made. */
  readonly keys: string;
  /** Where each agency keeps the number of its last answer. */
  readonly sequences: string;
  /** Where the exchange publishes its keys. */
  readonly exchangeUrl: string;
  readonly exchangeId: string;
  /** What the exchange calls itself: the audience of counters' requests. */
  readonly origin: string;
  readonly behaviours: ReadonlyMap<AgencyName, Behaviour>;
  /** Where agencies were last; one whose port is taken gets another. */
  readonly ports: ReadonlyMap<AgencyName, number>;
};

/** Reads `police=down`; throws an error that says what would be right. */
export const readBehave = (text: string): readonly [AgencyName, Behaviour] => {
  const [name = '', wanted = ''] = text.split('=', 2);
  const behaviour = parseBehaviour(wanted);
  if (!isAgencyName(name)) {
    throw new Error(
      `--behave names an agency and a behaviour; agencies: ${agencyNames.join(', ')}.`,
    );
  }
  if (behaviour === undefined) {
    throw new Error(`--behave ${name}=… takes one of: ${Object.keys(behaviours).join(', ')}.`);
  }
  return [name, behaviour];
};

/** Reads `police=40123`; throws an error that says what would be right. */
const readAgencyPort = (text: string): readonly [AgencyName, number] => {
  const [name = '', port = ''] = text.split('=', 2);
  if (!isAgencyName(name) || !/^[1-9][0-9]{0,4}$/.test(port)) {
    throw new Error('--port names an agency and its port, for example police=40123.');
  }
  return [name, Number(port)];
};

const needed = (value: string | undefined, name: string): string => {
  if (value === undefined) throw new Error(`--${name} must be given.`);
  return value;
};

const text = { type: 'string' } as const;

/** Parses the command line of `agencies/main.ts`; throws an error that says what would be right. */
export const readArguments = (args: readonly string[]): AgenciesArguments => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: text,
      sequences: text,
      'exchange-url': text,
      'exchange-id': text,
      origin: text,
      behave: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', multiple: true, default: [] },
    },
  });
  const wanted = new Map(values.behave.map(readBehave));
  return {
    keys: needed(values.keys, 'keys'),
    sequences: needed(values.sequences, 'sequences'),
    exchangeUrl: needed(values['exchange-url'], 'exchange-url'),
    exchangeId: needed(values['exchange-id'], 'exchange-id'),
    origin: needed(values.origin, 'origin'),
    behaviours: new Map(agencyNames.map((name) => [name, wanted.get(name) ?? normal])),
    ports: new Map(values.port.map(readAgencyPort)),
  };
};
