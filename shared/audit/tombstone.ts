import type { InquiryAnswered } from '#events/inquiry-answered.ts';
import { sha256Url } from '../kernel/bytes.ts';

/**
 * The outcome of an inquiry whose process was lost. Once it stands, an outcome that comes later fails
 * (audit-log.md §3, the fence). `intent` is the text of I, `t` in milliseconds since 1970.
 */
export const tombstone = (id: string, intent: string, t: number) =>
  ({
    v: 1,
    k: 'o',
    id,
    i: sha256Url(intent),
    t,
    out: 'ABORTED',
    http: 0,
    ms: 0,
  }) as const satisfies InquiryAnswered;
