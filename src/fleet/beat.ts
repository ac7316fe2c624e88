/**
 * When the next round is due: on the beat of the rounds before, however late this one began. A second after the last one instead,
 * whoever was held up together would go on together from then on, and hold each other up each second. A round that took longer
 * than its beat is followed by the next one at once.
 */
export const nextBeat = (dueAt: number, nowAt: number, everyMs: number): number => Math.max(dueAt + everyMs, nowAt)
