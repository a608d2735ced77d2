import { type Check, skipped } from './failure.ts';

/** What no look at a log can show; said each time, so that nobody takes it for checked. */
export const notChecked: readonly Check[] = [
  skipped(
    'withheld',
    'that no inquiry was kept out of the log which nobody numbered: receipts show that',
  ),
  skipped('decisions', 'whether the rules that were applied were the right ones'),
  skipped('rules of the registry', 'that its entries follow from the commands that changed them'),
  skipped(
    'numbers of changes',
    'of one log of several, that none is missing; nor of one that was changed without commands too',
  ),
  skipped('reads', 'that every read is on record: only whoever was shown something knows'),
  skipped('erasures', 'that what they name is gone, and that holds kept what they were placed on'),
  skipped('facts', 'what was asked and answered about a person: it is in the log as digests only'),
  skipped('owners', 'that a key on record belongs to whom the registry says'),
  skipped('order within ten seconds', 'it follows a secret of the exchange'),
];

/** What no look at an export can show, over and above. */
export const notCheckedInExports: readonly Check[] = [
  skipped('the rest of the log', 'leaves outside of the range, and what is newer than the cut'),
  skipped(
    'changes of a part of a log',
    'that no number is missing outside, nor among them where the log does not begin here',
  ),
  skipped('who was meant to see it', 'whether the exchange may open these entries to their holder'),
];
