import { describe, expect, it, vi } from 'vitest';
import { payloadOf } from '#tests/support/exchange.ts';
import { idOf, requestFor, retryOf, till } from '../ask.ts';
import { whileBehaving } from '../behaving.ts';
import { type Line, linesOf } from '../printed.ts';
import { serviceOf } from '../questions.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';
import { onlyLocal, workshopOf } from '../workshop.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${trace}-00f067aa0ba902b7-01`;

/** Matches any number. */
const aNumber: unknown = expect.any(Number);

/** Matches any time of day, as ISO 8601 has it. */
const aTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);

const requestIdOf = (heard: Heard): string => heard.header('x-request-id') ?? '';

/** The lines that were printed for one request, as soon as there is one. */
const linesFor = (stage: Stage, heard: Heard): Promise<readonly Line[]> =>
  vi.waitFor(() => {
    const lines = linesOf(workshopOf(stage).exchange.output());
    const own = lines.filter((line) => line['requestId'] === requestIdOf(heard));
    if (own.length === 0) throw new Error('Nothing was printed for this request yet.');
    return own;
  }, 5000);

const steps = (heard: Heard): readonly string[] =>
  (heard.header('server-timing') ?? '').split(', ').map((step) => step.split(';')[0] ?? '');

export const observabilitySuite = (onStage: OnStage): void => {
  describe('a trace', () => {
    it('goes through the exchange to the agency and comes back', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: serviceOf('companies').yes });

      const heard = await stage.wire.post(text, { traceparent });

      const call = stage.world.tap
        .calls()
        .find(({ forward }) => payloadOf(forward)['inq_id'] === idOf(text));
      const sent = String(call?.headers['traceparent']);
      expect(sent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
      expect(sent).not.toBe(traceparent);
      expect(heard.header('traceparent')).toBe(sent);
    });

    it.each([
      ['none was sent', undefined],
      ['it is of another version', `01-${trace}-00f067aa0ba902b7-01`],
      ['its id is nothing but zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
      ['it is no traceparent', `00-${trace}-00f067aa0ba902b7-01\u0020; x=0499370899`],
    ])('begins anew when %s', async (_, sent) => {
      const { wire } = onStage();

      const heard = await wire.send('GET', '/healthz', {
        headers: sent === undefined ? {} : { traceparent: sent },
      });

      const told = heard.header('traceparent') ?? '';
      expect(told).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(told).not.toContain(trace);
    });
  });

  describe('Server-Timing', () => {
    it('names the steps of an inquiry that was answered', async () => {
      const stage = onStage();

      const heard = await stage.wire.post(await requestFor(stage));

      expect(steps(heard)).toEqual(['verify', 'decide', 'intent', 'agency', 'outcome', 'total']);
      expect(heard.header('server-timing')).toMatch(/^(\w+;dur=\d+\.\d\d(, )?)+$/);
    });

    it('ends where a refusal did', async () => {
      const { wire } = onStage();

      expect(steps(await wire.post('no token'))).toEqual(['verify', 'total']);
    });
  });

  describe('what the exchange prints', () => {
    it('is one line for an answer, with codes and ids', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const text = await requestFor(stage, { question: serviceOf('post').yes });

      const heard = await stage.wire.post(text, { traceparent });

      expect(await linesFor(stage, heard)).toEqual([
        {
          level: 'INFO',
          message: 'outcome',
          timestamp: aTime,
          service: 'estelam',
          sampling_rate: 0,
          requestId: requestIdOf(heard),
          trace,
          route: 'POST /v1/inquiries',
          status: 200,
          ms: aNumber,
          inquiry: {
            inquiryId: idOf(text),
            counter: till,
            service: 'post/postal-address@1',
            outcome: 'FOUND',
            rule: 'open-service',
            retry: false,
            agencyTime: aNumber,
          },
        },
      ]);
    });

    it('is one line for a retry, which says so', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const text = await requestFor(stage);
      await stage.wire.post(text);

      const heard = await stage.wire.post(await retryOf(stage, text));

      expect(await linesFor(stage, heard)).toMatchObject([
        { status: 200, inquiry: { inquiryId: idOf(text), retry: true, agencyTime: 0 } },
      ]);
    });

    it('is one line for a failure of an agency, with its cause', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const text = await requestFor(stage, { question: serviceOf('post').yes });

      const heard = await whileBehaving(stage, 'post', 'wrong-key', () => stage.wire.post(text));

      expect(await linesFor(stage, heard)).toMatchObject([
        {
          status: 502,
          problem: 'agency-response-invalid',
          inquiry: { outcome: 'INVALID_ANSWER', cause: 'signature-invalid' },
        },
      ]);
    });

    it('is one line for a refusal, and none of what was sent', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const heard = await stage.wire.post('no token');

      const [line, ...more] = await linesFor(stage, heard);
      expect(more).toEqual([]);
      expect(line).toMatchObject({
        status: 400,
        problem: 'malformed',
        route: 'POST /v1/inquiries',
      });
      expect(line).not.toHaveProperty('inquiry');
    });

    it('is two metrics for each inquiry, by service and outcome', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const metrics = () =>
        linesOf(workshopOf(stage).exchange.output()).filter(
          (line) => line['agencyService'] === 'pension/status@1' && line['outcome'] === 'NOT_FOUND',
        );
      const before = metrics().length;

      await stage.wire.post(await requestFor(stage, { question: serviceOf('pension').no }));

      const after = await vi.waitFor(() => {
        if (metrics().length === before) throw new Error('No metric was printed yet.');
        return metrics();
      }, 5000);
      expect(after).toHaveLength(before + 1);
      expect(after.at(-1)).toMatchObject({
        service: 'exchange',
        Inquiries: 1,
        Latency: aNumber,
        _aws: {
          CloudWatchMetrics: [
            {
              Namespace: 'Estelam',
              Dimensions: [['service', 'agencyService', 'outcome']],
              Metrics: [
                { Name: 'Inquiries', Unit: 'Count' },
                { Name: 'Latency', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
      });
    });
  });
};
