import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import type { AskResult } from '#shared/client/ask.ts';
import type { CheckedReceipt } from '#shared/client/check-reply.ts';
import { type ExchangeClient, exchangeClient } from '#shared/client/exchange-client.ts';
import type { CheckedProof } from '#shared/client/inquiry-proof.ts';
import type { Draft, Question } from '#shared/client/sign-request.ts';
import { toRfc3339 } from '#shared/kernel/instant-text.ts';
import type { Signer } from '#shared/message/key.ts';
import { testPerson } from './agencies/data/test-ids.ts';
import { fileSequence } from './agencies/sequence.ts';
import { awaitProof } from './await-proof.ts';
import type { Terminal } from './terminal.ts';

const participant = 'counter:72110345';
const station = 'demo';

/** Seconds that the first inquiry may take to its proof: what is promised, and as much again. */
const patience = 240;

/** The second name is wrong on purpose, so that the answer has a yes and a no. */
const questionOf = (seq: number): Question => ({
  service: 'civil-registry/identity@1',
  purpose: 'pension-enrolment',
  basis: 'civil-code-1.12',
  station,
  presence: 'in-person',
  seq,
  subject: { type: 'ir-national-id', value: testPerson.nationalId },
  params: {
    birthDate: testPerson.birthDate,
    firstName: testPerson.firstName,
    lastName: 'محمدی',
  },
  case: 'demo-1',
  operator: 'operator-7',
});

const showRequest = ({ row, step, paint }: Terminal, question: Question, draft: Draft): void => {
  step(1, 'The counter signs a request', 'درخواست');
  row('signed, in the clear', `${participant} asks ${question.service}`);
  row('', `for ${question.purpose} by ${question.basis}, ${station} no. ${question.seq}`);
  row('', `inquiry ${draft.inq.id}`);
  row('personal, signed', 'only as salted digests; the values travel beside and enter no log');
  for (const { name, value, digest } of draft.disclosures) {
    row(`  ${name}`, paint('yellow', JSON.stringify(value)));
    row('', paint('dim', `digest ${digest}`));
  }
};

const showDecision = ({ row, step, paint }: Terminal, { claims }: CheckedReceipt): void => {
  const { effect, rule, registry } = claims.decision;
  step(2, 'The exchange decides', 'تصمیم');
  row('decision', paint(effect === 'allow' ? 'green' : 'red', `${effect} by ${rule}`));
  row(
    '',
    `on version ${registry} of the registry; the intent is on disk before anything is sent on`,
  );
};

const showAnswer = ({ row, step, paint }: Terminal, result: AskResult): void => {
  step(3, 'The agency answers', 'پاسخ');
  if (result.kind === 'answered') {
    row('outcome', paint('bold', result.outcome));
    for (const [name, value] of Object.entries(result.answer?.fields ?? {})) {
      row(`  ${name}`, paint(value === false ? 'red' : 'green', JSON.stringify(value)));
    }
    const withheld = result.receipt.claims.withheld ?? [];
    if (withheld.length > 0) row('withheld', withheld.join(', '));
  } else if (result.kind === 'refused') {
    row('outcome', paint('red', result.receipt?.claims.outcome ?? result.problem.name));
    row('', result.problem.title);
  }
};

const showReceipt = ({ row, step, paint }: Terminal, { claims }: CheckedReceipt): void => {
  const checked = (text: string): string => `${paint('green', '✓')} ${text}`;
  step(4, 'The counter holds a receipt that it has verified', 'رسید');
  row('exchange', checked(`signed by ${claims.iss}`));
  row('request', checked(`names the request that was sent, sha-256 ${claims.req_s256}`));
  if (claims.answer_s256 !== undefined) {
    row('answer', checked(`signed by the agency itself, sha-256 ${claims.answer_s256}`));
  }
  row('log', `leaf ${claims.leaf}`);
  row('', `promised in ${claims.log} within ${claims.mmd} s`);
};

const showTimes = ({ row }: Terminal, result: AskResult): void => {
  if (result.kind === 'lost') return;
  const times = result.serverTiming.map(({ name, duration }) => `${name} ${duration.toFixed(1)}`);
  row('milliseconds', times.join(', '));
};

const showProof = (
  { row, paint }: Terminal,
  { index, checkpoint: { checkpoint, signedBy, cosignedBy } }: CheckedProof,
): void => {
  const checked = (text: string): string => `${paint('green', '✓')} ${text}`;
  row('leaf', checked(`stands at ${index} of ${checkpoint.size} in ${checkpoint.origin}`));
  for (const { name } of signedBy) row('signed', checked(`by the log, ${name}`));
  for (const { key, time } of cosignedBy) {
    row('cosigned', checked(`by ${key.name} at ${toRfc3339(time * 1000)}`));
  }
};

/** The inquiry in the log: sealed, sequenced, signed and cosigned, which takes about twenty seconds. */
const proveIt = async (
  terminal: Terminal,
  client: ExchangeClient,
  { id, receipt, policyFile }: { id: string; receipt: CheckedReceipt; policyFile: string },
): Promise<void> => {
  terminal.step(5, 'The log takes it in, and witnesses cosign', 'دفتر ثبت');
  const { mmd } = receipt.claims;
  terminal.row('', terminal.paint('dim', `sealing takes about 20 s; promised within ${mmd} s …`));
  const policy = parsePolicy(await readFile(policyFile));
  const proof = await awaitProof(client, id, { policy, receipt }, patience);
  if (proof === 'pending') {
    throw new Error('The log has not taken the first inquiry in; see its log beside the data.');
  }
  showProof(terminal, proof);
};

export type Demonstration = {
  readonly origin: string;
  readonly signer: Signer;
  readonly sequences: string;
  /** Whom to believe about the log: a file in the form of C2SP tlog-policy. */
  readonly policyFile: string;
};

/** One inquiry through the client, from the signature to the verified proof, for eyes. */
export const demonstrate = async (
  terminal: Terminal,
  { origin, signer, sequences, policyFile }: Demonstration,
): Promise<void> => {
  const client = exchangeClient({
    baseUrl: origin,
    origin,
    participant,
    signer,
    fetch,
    wait: (milliseconds) => wait(milliseconds),
    now: Date.now,
    random: randomBytes,
  });
  const nextSeq = fileSequence(join(sequences, `counter_72110345.${station}.seq`));
  const question = questionOf(await nextSeq());
  const draft = client.draft(question);
  terminal.title('One inquiry, about a person who does not exist');
  showRequest(terminal, question, draft);
  const result = await client.send(draft);
  if (result.kind === 'lost') throw new Error('The exchange did not answer its first inquiry.');
  if (result.receipt === undefined) {
    const { name, detail } = result.kind === 'refused' ? result.problem : { name: '', detail: '' };
    throw new Error(`The first inquiry was refused: ${name}. ${detail}`);
  }
  showDecision(terminal, result.receipt);
  showAnswer(terminal, result);
  showReceipt(terminal, result.receipt);
  showTimes(terminal, result);
  await proveIt(terminal, client, { id: draft.inq.id, receipt: result.receipt, policyFile });
};
