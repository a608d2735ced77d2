import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import * as z from 'zod';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { type Receiver, receiveRequest } from '#shared/message/receive.ts';
import {
  buildRequest,
  buildResponse,
  clockAt,
  directoryOf,
  makeKey,
  registered,
  requestClaimsAt,
  requestFactsExample,
  type TestKey,
  testAudience,
  testNow,
} from '#tests/support/messages.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * A Python with python/requirements.txt, as python/run makes it. One that is named must do; without a
 * name, and where that environment was not made, the tests are skipped and say so.
 */
const named = process.env['ESTELAM_PYTHON'];
const python = named ?? pathOf('../../.estelam/python/bin/python3');

const canJudge = named !== undefined || spawnSync(python, ['-c', 'import sd_jwt']).status === 0;

const needPython = (test: TestContext): void => {
  if (canJudge) return;
  const reason = 'no Python environment: make it with tests/conformance/python/run';
  console.warn(`SKIPPED ${test.task.name}: ${reason}`);
  test.skip(reason);
};

const Answer = z.object({
  opened: z.array(
    z.union([
      z.object({ claims: z.record(z.string(), z.json()) }),
      z.object({ refused: z.string() }),
    ]),
  ),
  issued: z.array(z.string()),
});

type Jobs = {
  readonly open?: readonly { readonly token: string; readonly jwk: JsonValue }[];
  readonly issue?: readonly {
    readonly clear: JsonObject;
    readonly disclosed: JsonObject;
    readonly jwk: object;
    readonly header: JsonObject;
  }[];
};

const judge = ({ open = [], issue = [] }: Jobs): z.infer<typeof Answer> => {
  const { status, stdout, stderr, error } = spawnSync(python, [pathOf('python/judge.py')], {
    input: JSON.stringify({ open, issue }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`judge.py failed: ${stderr}`, { cause: error });
  return Answer.parse(JSON.parse(stdout));
};

/** ES256 alone: jwcrypto does not know the algorithm name Ed25519 yet. */
describe("Python's sd-jwt", () => {
  let key: TestKey;
  let receiver: Receiver;

  beforeAll(async () => {
    key = await makeKey('ES256');
    const keyOf = directoryOf([await registered(key)]);
    receiver = { audience: testAudience, keyOf, now: clockAt(testNow) };
  });

  it('opens our messages and finds the same facts, withheld ones left out', async (test) => {
    needPython(test);
    const facts = { name: 'سارا', alive: true, address: { city: 'تبریز', plates: [1, 2] } };
    const request = await buildRequest({ key, now: testNow });
    const response = await buildResponse({ key, now: testNow, facts });
    const trimmed = response.split('~').toSpliced(1, 1).join('~');
    const { opened } = judge({
      open: [request, response, trimmed].map((token) => ({ token, jwk: key.jwk })),
    });

    expect(opened).toMatchObject([
      { claims: { iss: key.owner, ...requestFactsExample } },
      { claims: { iss: key.owner, ...facts } },
      { claims: { iss: key.owner, alive: true, address: facts.address } },
    ]);
    expect(opened[2]).not.toHaveProperty('claims.name');
  });

  it('refuses what was tampered with, as we do', async (test) => {
    needPython(test);
    const text = await buildRequest({ key, now: testNow });
    const other = (await buildRequest({ key, now: testNow })).split('.')[1] ?? '';
    const token = text.replace(text.split('.')[1] ?? '', other);

    expect(judge({ open: [{ token, jwk: key.jwk }] }).opened).toEqual([
      { refused: 'InvalidJWSSignature' },
    ]);
    await expect(receiveRequest(token, receiver)).rejects.toMatchObject({
      name: 'signature-invalid',
    });
  });

  it('makes requests that we take, with the same claims and facts', async (test) => {
    needPython(test);
    const clear = requestClaimsAt(testNow, key.owner);
    const disclosed = { ...requestFactsExample, operator: 'می\u200cنا 😀', case: '۱۴۰۵/۱' };
    const header = { kid: key.kid, typ: 'inq-request+sd-jwt' };
    const { issued } = judge({ issue: [{ clear, disclosed, jwk: key.privateJwk, header }] });
    const verified = await receiveRequest(issued[0] ?? '', receiver);

    expect(verified.claims).toMatchObject(clear);
    expect(verified.facts).toEqual(disclosed);
  });
});
