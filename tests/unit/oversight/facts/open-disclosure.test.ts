import { describe, expect, it } from 'vitest';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { parseDisclosureRequest } from '#shared/oversight/facts/disclosure-request.ts';
import { openDisclosure } from '#shared/oversight/facts/open-disclosure.ts';
import { eraseVaultRows, vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import { readerLimits } from '#shared/oversight/reader-limit.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type FactsStage, factsStage, refusedWith, sentAs, someone } from './facts-stage.ts';

const order = 'court-12/05-778';
const reason = 'A complaint about an office.';

const opening =
  ({ parts, as }: FactsStage) =>
  async (json: JsonObject, reader = 'all') =>
    openDisclosure(parts)(parseDisclosureRequest({ order, reason, ...json }), as(reader));

/** An inquiry that is in the log and the index; the journal still has its rows. */
const setStage = async () => {
  const stage = await factsStage();
  const id = await stage.ask();
  // The last of a log counts as in the index only when another follows it.
  await stage.ask();
  await stage.settle();
  const address = stage.journal.dump().find((row) => row.address.id === id)?.address;
  if (address === undefined) throw new Error('It is not in the journal.');
  /** Takes the rows out of the journal, as its time does. */
  const forget = (): void => {
    const { journal } = stage.parts;
    const { read } = journal;
    Object.assign(stage.parts, {
      journal: {
        ...journal,
        read: async (one: typeof address) => (one.id === id ? {} : read(one)),
      },
    });
  };
  const erase = async (): Promise<void> => {
    await eraseVaultRows(
      stage.fed.objects.store,
      0,
      0,
      Array.from({ length: 256 }, (_, n) => n),
    );
    await stage.journal.store.eraseFacts(address);
  };
  return { ...stage, id, address, forget, erase, open: opening(stage) };
};

const facts = [
  ['subject', someone],
  ['params', { birthDate: '1370-05-12' }],
  ['case', '1405/1842'],
  ['operator', 'operator-7'],
] as const;

describe('a fact that is opened', () => {
  it.each(facts)('%s comes with what shows that the counter signed it', async (fact, value) => {
    const { open, id } = await setStage();
    const { fact: opened } = await open({ inquiry: id, fact });
    expect(opened).toMatchObject({ inquiry: id, name: fact, value });
    expect(sha256Url(opened.disclosure)).toBe(opened.digest);
    expect(payloadOf(opened.request)['_sd']).toContain(opened.digest);
    expect(payloadOf(opened.request)).toMatchObject({ iss: 'counter:72110345', inq: { id } });
  });

  it.each(facts)(
    '%s is opened by the vault when the journal has forgotten',
    async (fact, value) => {
      const { open, id, forget } = await setStage();
      const before = await open({ inquiry: id, fact });
      forget();
      const { fact: opened } = await open({ inquiry: id, fact });
      expect(opened.value).toEqual(value);
      expect(opened).toEqual(before.fact);
    },
  );

  it('is opened by the journal before the inquiry is in the log', async () => {
    const { open, ask } = await setStage();
    const { fact } = await open({ inquiry: await ask(), fact: 'operator' });
    expect(fact.value).toBe('operator-7');
  });

  it('is on record with its reason, and without what it says', async () => {
    const { open, id, leaves, as } = await setStage();
    await open({ inquiry: id, fact: 'subject' });
    expect(leaves()).toMatchObject([{ ...as('all'), act: 'disclosure', order, reason, n: 1 }]);
    expect(JSON.parse(leaves()[0]?.filter ?? '')).toEqual({ inquiry: id, fact: 'subject' });
    expect(JSON.stringify(leaves())).not.toContain(someone.value);
  });

  it('is not shown where that cannot be put on record', async () => {
    const { open, id, journal } = await setStage();
    journal.faults.breakCall('putRecord', 'unacknowledged');
    const refused = await refusedWith(open({ inquiry: id, fact: 'case' }));
    expect(refused.name).toBe('store-unavailable');
  });

  it('that was erased is told to be, whatever else still has it', async () => {
    const { open, id, erase, leaves } = await setStage();
    await erase();
    const { name, detail } = await refusedWith(open({ inquiry: id, fact: 'subject' }));
    expect([name, detail]).toEqual(['not-found', 'The facts of this inquiry were erased.']);
    expect(leaves()).toMatchObject([{ act: 'disclosure', n: 0 }]);
  });

  it('that was erased in the vault only, or in the journal only, is erased', async () => {
    const vault = await setStage();
    const all = Array.from({ length: 256 }, (_, n) => n);
    await eraseVaultRows(vault.fed.objects.store, 0, 0, all);
    const journal = await setStage();
    await journal.journal.store.eraseFacts(journal.address);
    for (const { open, id } of [vault, journal]) {
      const { detail } = await refusedWith(open({ inquiry: id, fact: 'operator' }));
      expect(detail).toBe('The facts of this inquiry were erased.');
    }
  });

  it('that is kept nowhere is told to be lost', async () => {
    const { open, id, forget, fed } = await setStage();
    forget();
    fed.objects.overwrite(vaultKeyOf(0, 0), undefined);
    const { name, detail } = await refusedWith(open({ inquiry: id, fact: 'operator' }));
    expect([name, detail]).toEqual([
      'not-found',
      'The facts of this inquiry are not kept any more, or were never found.',
    ]);
  });

  it('of an inquiry outside the scope is as one that nobody has', async () => {
    const { open, id, leaves } = await setStage();
    const outside = await refusedWith(open({ inquiry: id, fact: 'case' }, 'other'));
    const missing = await refusedWith(
      open({ inquiry: inquiryIdAt(testNow), fact: 'case' }, 'other'),
    );
    expect([outside.name, outside.detail]).toEqual([missing.name, missing.detail]);
    expect(leaves().map(({ n }) => n)).toEqual([0, 0]);
    const nothing = await refusedWith(open({ inquiry: id, fact: 'case' }, 'nothing'));
    expect(nothing.name).toBe('out-of-scope');
  });

  it('of another request than the log has is not shown', async () => {
    const stage = await setStage();
    const { open, id, journal, address } = stage;
    const other = await stage.ask({ facts: { operator: 'operator-8' } });
    const rows = new Map(journal.dump().map((row) => [String(row.address.id), row]));
    const { intent } = rows.get(id) ?? {};
    const vault = rows.get(other)?.intent?.vault ?? new Uint8Array();
    stage.fed.objects.overwrite(vaultKeyOf(0, 0), undefined);
    Object.assign(stage.parts, {
      journal: {
        ...stage.parts.journal,
        read: async () => ({ intent: intent && { ...intent, vault } }),
      },
    });
    // What is sealed belongs to one id: that of another does not open.
    await expect(open({ inquiry: id, fact: 'operator' })).rejects.not.toHaveProperty('detail');
    expect(address.id).toBe(id);
  });

  it('is one of so many in an hour', async () => {
    const { open, id, leaves } = await setStage();
    for (let n = 0; n < readerLimits.disclosures.hour; n += 1) {
      await open({ inquiry: id, fact: 'case' });
    }
    const { name, extras } = await refusedWith(open({ inquiry: id, fact: 'case' }));
    expect([name, extras.alarm]).toEqual(['rate-limited', 'disclosures']);
    await refusedWith(open({ inquiry: id, fact: 'case' }));
    expect(leaves().filter(({ refused }) => refused)).toMatchObject([{ act: 'disclosure', n: 0 }]);
  });
});

describe('what is posted to open a fact', () => {
  const inquiry = InquiryId.parse(inquiryIdAt(testNow));

  it.each([
    [{ inquiry, fact: 'case', reason }],
    [{ inquiry, fact: 'operator', reason }],
    [{ inquiry, fact: 'subject', reason, order }],
    [{ inquiry, fact: 'params', reason, order }],
  ] as const)('%j is taken', (json) => {
    expect(parseDisclosureRequest(json)).toEqual(json);
  });

  it.each([
    [{ inquiry, fact: 'subject', reason }, '/order'],
    [{ inquiry, fact: 'params', reason }, '/order'],
    [{ inquiry, fact: 'case' }, '/reason'],
    [{ inquiry, fact: 'case', reason: 'no' }, '/reason'],
    [{ inquiry, fact: 'case', reason: 'about ۰۴۹۹۳۷۰۸۹۹' }, '/reason'],
    [{ inquiry, fact: 'case', reason: 'two\nlines' }, '/reason'],
    [{ inquiry, fact: 'answer', reason }, '/fact'],
    [{ inquiry, fact: ['case', 'operator'], reason }, '/fact'],
    [{ inquiry: 'x', fact: 'case', reason }, '/inquiry'],
    [{ fact: 'case', reason }, '/inquiry'],
    [{ inquiry, fact: 'case', reason, all: true }, ''],
  ] as const)('%j is refused at %j', async (json, pointer) => {
    const { name, extras } = await refusedWith(
      Promise.resolve().then(() => parseDisclosureRequest(sentAs(json))),
    );
    expect(name).toBe('invalid-body');
    expect(extras.errors?.map((error) => error.pointer)).toContain(pointer);
  });
});
