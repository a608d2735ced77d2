/**
 * What every parser here answers: the canonical value, or the name of what is wrong with the input.
 * Neither side holds any part of the input but the value itself, so a refusal is safe to log.
 */
export type Parsed<Value, Reason extends string, Warning extends string = never> =
  | { readonly ok: true; readonly value: Value; readonly warning?: Warning }
  | { readonly ok: false; readonly reason: Reason };

export const accepted = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({
  ok: true,
  value,
});

export const refused = <Reason extends string>(
  reason: Reason,
): { readonly ok: false; readonly reason: Reason } => ({ ok: false, reason });
