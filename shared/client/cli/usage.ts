import { Command } from 'commander';
import { ParticipantId, ServiceRef } from '../../message/claims.ts';
import { type Asked, runReading } from './believed.ts';
import { countUsage, everyCounter, isExceeded, type UsageRow } from './count-usage.ts';
import { differentCode } from './exit-codes.ts';
import { WrongUsage } from './failed-input.ts';
import { countedOf, leftOutText } from './left-out.ts';
import { type LogOptions, withLogOptions } from './read-whole-log.ts';
import { replayLog } from './replay-log.ts';
import { usageText } from './show-usage.ts';
import { dayOf } from './typed-time.ts';
import type { Streams } from './verify.ts';

type Wanted = { readonly service?: string; readonly counter?: string; readonly day?: string };

const checkWanted = ({ service, counter }: Wanted): void => {
  if (service !== undefined && !ServiceRef.safeParse(service).success) {
    throw new WrongUsage('--service must be like agency/name@1.');
  }
  if (counter !== undefined && !ParticipantId.safeParse(counter).success) {
    throw new WrongUsage('--counter must be like counter:72110345.');
  }
};

const isWanted = (row: UsageRow, { service, counter }: Wanted): boolean =>
  (service === undefined || row.service === service) &&
  (counter === undefined || row.counter === counter || row.counter === everyCounter);

const count = async (wanted: Wanted, { out, err }: Streams): Promise<Asked> => {
  checkWanted(wanted);
  const { day } = wanted;
  const date = day === undefined ? undefined : dayOf(day, '--day', (said) => err.write(said)).date;
  const usage = countUsage({ day: date });
  const log = replayLog(usage.take);
  return {
    look: log.look,
    tell: (read) => {
      log.finish();
      const all = usage.rows();
      // The line of all counters is for services in which something is wanted.
      const services = new Set(
        all.flatMap((row) =>
          row.counter !== everyCounter && isWanted(row, wanted)
            ? [`${row.service} ${row.day}`]
            : [],
        ),
      );
      const rows = all.filter(
        (row) => isWanted(row, wanted) && services.has(`${row.service} ${row.day}`),
      );
      const code = rows.some(isExceeded) ? differentCode : 0;
      return {
        code,
        text: usageText(rows, log.unread(), out.columns) + leftOutText(read),
        json: { usage: rows, unread: log.unread(), ...countedOf(read) },
      };
    },
  };
};

const help = `
Counted are the inquiries that were allowed, by the time of their record and the calendar day in Tehran.
Beside them stand the quotas that the registry held then, as its leaves in the log have them: the one of
which the least was left. A log that does not verify is not spoken of. Of an export its rows are counted:
one that holds a part of a log says so, since others may count on the same quotas.

Exit codes: those of estelam verify, and
  0   no quota was exceeded
  11  a quota was exceeded

Examples:
  estelam usage ./log --policy policy.txt --service civil-registry/identity@1
  estelam usage export.tar --policy policy.txt --day 2027-01-15 --json`;

/** `estelam usage`. `exit` is told the exit code. */
export const usageCommand = (streams: Streams, exit: (code: number) => void): Command =>
  withLogOptions(new Command('usage'))
    .summary('count the inquiries of a log against their quotas')
    .description(
      'Counts the allowed inquiries of a log by service, counter and day, and shows their quotas.',
    )
    .argument('<log>', 'the URL or the folder of a log, or an export of one')
    .option('--service <ref>', 'this service only')
    .option('--counter <id>', 'this counter only, and all of them together')
    .option('--day <date>', 'this day in Tehran only, Gregorian or Solar Hijri')
    .addHelpText('after', help)
    .action(async (what: string, options: LogOptions & Wanted) =>
      exit(await runReading(what, options, streams, () => count(options, streams))),
    );
