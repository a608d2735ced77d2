/**
 * Megabytes that V8 may use: a verification of millions of entries makes much that dies at once, and
 * a heap that is told it may grow to gigabytes lets it lie. So much is needed for some hundred
 * thousand receipts at once, and for little else.
 */
export const memoryFlags = ['--max-semi-space-size=4', '--max-old-space-size=512'];
