import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ExchangeClient, exchangeClient } from '../exchange-client.ts';
import { WrongUsage } from './failed-input.ts';
import { readAuditor } from './verify-input.ts';

/** Who asks which exchange. */
export type ClientFlags = {
  readonly exchange: string;
  readonly participant: string;
  readonly key: string;
};

export const withClientFlags = (command: Command, who = 'auditor:inspection'): Command =>
  command
    .requiredOption('--exchange <url>', 'the exchange')
    .requiredOption('--participant <id>', `who asks, for example ${who}`)
    .requiredOption('--key <file>', 'the private JWK of the participant')
    .option('--json', 'write JSON, one document a line');

/** The exchange's own address: what it calls itself in every message. */
const originOf = (text: string): string => {
  const url = URL.parse(text);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === '';
  if (!isAddress) throw new WrongUsage('--exchange must be the URL of an exchange.');
  return url.origin;
};

/** A client of the exchange that the flags name; reads the key. */
export const openClient = async (flags: ClientFlags): Promise<ExchangeClient> => {
  const origin = originOf(flags.exchange);
  const auditor = await readAuditor(flags.participant, flags.key);
  if (auditor === undefined) throw new WrongUsage('--participant and --key go together.');
  return exchangeClient({
    baseUrl: origin,
    origin,
    ...auditor,
    fetch,
    wait: (milliseconds) => sleep(milliseconds),
    now: () => Date.now(),
    random: (length) => randomBytes(length),
  });
};
