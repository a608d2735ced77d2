/** Exports that stand in an exchange in which is erased, and what is left of them. */
import { utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { exportFolder, exportParts } from '#shared/oversight/exports/export-parts.ts';
import {
  type ExportState,
  toExportJob,
  unsettled,
} from '#shared/oversight/exports/export-state.ts';
import { keptJob } from '#shared/oversight/exports/forget-export.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import type { ErasingStage } from './erasing.ts';

type Stage = Pick<ErasingStage, 'clock' | 'exports' | 'fed'>;

/** An export that is done, for which facts of these inquiries were opened; its id. */
export const putExport = async (
  { clock, exports, fed }: Stage,
  opened: readonly InquiryId[],
): Promise<InquiryId> => {
  const now = clock.now();
  const id = InquiryId.parse(inquiryIdAt(now));
  const parts = exportParts(fed.objects.store, Buffer.alloc(32, 7), id);
  for (const name of ['plan', 'head/0', 'lines/0', 'lines/1']) await parts.put(name, [utf8(name)]);
  const state: ExportState = {
    ...unsettled,
    by: 'auditor:inspection',
    asked: 'asked',
    scopes: 'scopes',
    step: 'done',
    until: now + keptJob,
    opened: [...opened],
  };
  await exports.store.swap({ id, version: 1, state, until: now + keptJob });
  return id;
};

/** What is said of an export, and how many objects of it stand. */
export const exportNow = (
  { exports, fed }: Stage,
  id: string,
): { readonly said: string; readonly parts: number } => {
  const job = exports.dump().find((one) => one.id === id);
  if (job === undefined) throw new Error('There is no such export.');
  const { failure, step } = toExportJob(job).state;
  const keys = [...fed.objects.dump().keys()];
  return {
    said: failure ?? step,
    parts: keys.filter((key) => key.startsWith(`${exportFolder(id)}/`)).length,
  };
};
