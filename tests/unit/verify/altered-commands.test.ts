import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderFaults } from '#shared/client/verify/change-order.ts';
import { commandFaults } from '#shared/client/verify/check-command.ts';
import { entryFaults } from '#shared/client/verify/commands-check.ts';
import { recordFaults } from '#shared/client/verify/key-on-record.ts';
import { isJsonObject, type JsonObject } from '#shared/kernel/strict-json.ts';
import { type CommandParts } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow, withMembers } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import {
  changeLeaf,
  commanded,
  furtherLeaf,
  officers,
  timeOfChange,
  withChange,
} from './sample-commands.ts';
import {
  cast,
  failuresOf,
  faultsOf,
  inquiryAt,
  logOf,
  verifyFiles,
  verifyLeaves,
} from './sample-log.ts';

const inquiries = await Promise.all([0, 1000, 12_000].map((after) => inquiryAt(after)));
const leaves = [...commanded, ...inquiries.map(({ data }) => data)];

const flip = (signature: Uint8Array): Uint8Array => signature.with(20, (signature[20] ?? 0) ^ 1);

/** The faults of the log in which change `n` is bent so, without their places. */
const faultsWith = async (n: number, parts: Partial<CommandParts>) =>
  (await verifyLeaves(await withChange(n, parts))).findings.map(({ fault }) => fault);

const stranger = await makeKey('ES256', officers.registrar.owner);
const station = { by: cast.counter, entries: [keyEntryOf(officers.spare)] };
const low = { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` } as const;
const guild = await makeKey('ES256', 'guild:counters');

const bendEntries =
  (change: (text: string) => string): NonNullable<CommandParts['event']> =>
  (event) => ({ ...event, entries: change(event.entries) });

/** A command message with members of its `cmd` replaced. */
const within = (change: JsonObject): NonNullable<CommandParts['message']> => ({
  claims: (claims) => {
    const { cmd } = claims;
    return { ...claims, cmd: withMembers(change)(isJsonObject(cmd) ? cmd : {}) };
  },
});

const cases: readonly (readonly [string, number, Partial<CommandParts>])[] = [
  ['command-signature-invalid', 5, { message: { signature: flip } }],
  ['command-malformed', 5, { event: (made) => ({ ...made, command: 'a.b' }) }],
  ['command-wrong-typ', 5, { message: { header: withMembers({ typ: 'JWT' }) } }],
  ['command-header-not-allowed', 5, { message: { header: withMembers({ jwk: {} }) } }],
  ['command-disclosed', 5, { event: (made) => ({ ...made, command: `${made.command}~` }) }],
  ['command-invalid-claims', 5, { message: { claims: withMembers({ note: 'x' }) } }],
  ['command-invalid-claims', 5, { message: within({ on: -1 }) }],
  ['command-key-not-on-record', 5, { by: stranger }],
  ['command-issuer-key-mismatch', 8, { message: { claims: withMembers({ iss: 'agency:post' }) } }],
  ['command-key-not-officer', 8, { ...station }],
  [
    'command-expired',
    5,
    { t: timeOfChange(5), event: (made) => ({ ...made, t: made.t + 120_000 }) },
  ],
  ['command-not-yet-valid', 5, { event: (made) => ({ ...made, t: made.t - 90_000 }) }],
  [
    'command-lifetime-too-long',
    5,
    { message: { claims: withMembers({ exp: timeOfChange(5) / 1000 + 301 }) } },
  ],
  ['wrong-audience', 5, { message: { claims: withMembers({ aud: 'https://exchange.example' }) } }],
  [
    'wrong-audience',
    5,
    { message: { claims: withMembers({ aud: 'https://other.example/v1/commands' }) } },
  ],
  ['begin-misplaced', 5, { do: 'registry.begin' }],
  ['begin-misplaced', 1, { do: 'key.add' }],
  ['begin-by-another', 1, { by: officers.agency, entries: [keyEntryOf(officers.agency)] }],
  ['command-key-not-on-record', 1, { by: stranger }],
  ['command-key-not-officer', 1, { entries: [keyEntryOf(officers.registrar, { role: 'server' })] }],
  ['leaf-before-change', 5, { event: (made) => ({ ...made, t: made.t + 11_000 }) }],
  ['entries-malformed', 5, { event: bendEntries((text) => `${text} `) }],
  ['entries-malformed', 5, { entries: [] }],
  ['entry-of-another-change', 5, { event: bendEntries((text) => text.replace('"n":5', '"n":6')) }],
  ['entry-malformed', 5, { event: bendEntries((text) => text.replace('station', 'citizen')) }],
  [
    'kid-differs',
    5,
    { event: bendEntries((text) => text.replaceAll(cast.counter.kid, officers.spare.kid)) },
  ],
  ['key-unsound', 5, { entries: [keyEntryOf({ ...cast.counter, jwk: low })] }],
  ['change-twice', 5, { n: 4 }],
  ['command-twice', 5, { message: within({ id: '01a3185b-0000-7000-8000-000000000013' }) }],
  ['change-time-goes-back', 5, { t: timeOfChange(5) - 3000 }],
  ['change-goes-back', 5, { event: (made) => ({ ...made, id: inquiryIdAt(testNow - 90_000) }) }],
];

describe('the leaf of a command that was altered', () => {
  it.each(cases)('is found: %s (change %i)', async (fault, n, parts) => {
    expect(await faultsWith(n, parts)).toContain(fault);
  });

  it('is shown by a case for each rule there is', () => {
    const rules = [commandFaults, entryFaults, orderFaults, recordFaults];
    const shown = new Set([...cases.map(([fault]) => fault), 'change-missing']);
    const missing = rules.flatMap((faults) => Object.keys(faults)).filter((one) => !shown.has(one));
    expect(missing).toEqual([]);
  });

  it('is found when it begins the registry again, and its key is taken for nothing', async () => {
    const entries = [keyEntryOf(stranger)];
    const again = await furtherLeaf(11, 0, { by: stranger, do: 'registry.begin', entries });
    const report = await verifyLeaves([...commanded, again]);
    expect(faultsOf(report)).toEqual(['command-key-not-on-record@12', 'begin-misplaced@12']);
    expect(JSON.stringify(report.notes)).not.toContain(stranger.kid);
  });

  it('is found when a role that sends no commands sent one', async () => {
    const brings = await furtherLeaf(11, 0, { entries: [keyEntryOf(guild)] });
    const sent = await furtherLeaf(12, 20_000, { by: guild });
    expect(faultsOf(await verifyLeaves([...commanded, brings, sent]))).toEqual([
      'command-wrong-role@13',
    ]);
  });

  it('is found when a key gets another owner or misses a version', async () => {
    const stolen = { ...cast.counter, owner: 'counter:1' };
    const owner = await furtherLeaf(11, 0, { entries: [keyEntryOf(stolen, { version: 2 })] });
    expect(faultsOf(await verifyLeaves([...commanded, owner]))).toEqual(['owner-changed@12']);
    const skips = await furtherLeaf(11, 0, { entries: [keyEntryOf(cast.counter, { version: 3 })] });
    expect(faultsOf(await verifyLeaves([...commanded, skips]))).toEqual(['version-missing@12']);
  });

  it('is found, whatever character of its command is another', async () => {
    const right = (await logOf(commanded)).size;
    expect(right).toBe(12);
    const letters = ['A', 'B', 'a', 'b', '0', '1', '-', '_', '.', '~', '"', 'é'];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.nat(),
        fc.constantFrom(...letters),
        async (n, at, letter) => {
          const bend = (text: string): string => {
            const place = at % text.length;
            const other = text[place] === letter ? 'z' : letter;
            return text.slice(0, place) + other + text.slice(place + 1);
          };
          const event: CommandParts['event'] = (made) => ({
            ...made,
            command: bend(made.command),
          });
          expect(await faultsWith(n, { event })).not.toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is found, whatever character of its entries is another: the tree holds them', async () => {
    const { files } = await logOf(commanded);
    const event: CommandParts['event'] = (made) => made;
    const [leaf] = [await changeLeaf(6, { event })];
    const text = Buffer.from(leaf).toString('utf8');
    const from = text.indexOf('"entries":"') + 11;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const place = from + (at % (text.indexOf('","id"', from) - from));
        const other = text[place] === 'q' ? 'r' : 'q';
        const bent = Buffer.from(text.slice(0, place) + other + text.slice(place + 1));
        const own = await logOf(commanded.with(7, bent));
        const bundled = [...own.files].filter(([path]) => path.includes('entries'));
        const report = await verifyFiles(new Map([...files, ...bundled]));
        expect(failuresOf(report)).toContain('tree');
      }),
      { numRuns: 40 },
    );
  });

  it('is found in a log that is built anew, where its entries lose their form or their key', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const event: CommandParts['event'] = (made) => {
        resolve(made.entries);
        return made;
      };
      changeLeaf(5, { event }).catch(reject);
    });
    const label = /(?<="label":")[^"]*|(?<="not(?:Before|After)":)[0-9]+/g;
    const free = [...text.matchAll(label)].map(({ index, 0: { length } }) => [
      index,
      index + length,
    ]);
    const places = Array.from({ length: text.length }, (_, at) => at).filter(
      (at) => !free.some(([begin = 0, end = 0]) => begin <= at && at < end),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), async (place) => {
        const event = bendEntries((made) => {
          const other = made[place] === 'q' ? 'r' : 'q';
          return made.slice(0, place) + other + made.slice(place + 1);
        });
        const bent = leaves.with(6, await changeLeaf(5, { event }));
        expect([place, failuresOf(await verifyLeaves(bent))]).not.toEqual([place, []]);
      }),
      { numRuns: 60 },
    );
  });
});
