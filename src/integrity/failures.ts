import { setTimeout as sleep } from 'node:timers/promises'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'

const limits = {
  tries: {
    default: 4,
    unit: 'tries',
    why: 'replay cancels a read (40001), somebody changes the table (55P03): a moment later it works',
  },
  pauseMs: { default: 250, unit: 'ms', why: 'a change of the schema is through by then' },
} as const

/** Data or index corrupted: the server met what it did not write. */
export const isDamaged = ({ failure }: ReadFailed): boolean =>
  /^XX00[12]$/.test(failure.code ?? '') || /invalid page in block|could not read blocks?/.test(failure.message)

/** Somebody else had it, or replay did: it says nothing about the data. */
export const isBusy = ({ failure }: ReadFailed): boolean => /^(40001|40P01|55P03|57014)$/.test(failure.code ?? '')

/** Without the address in front. */
export const saidBy = ({ failure }: ReadFailed): string => failure.message.replace(/^\S+: /, '')

export async function patiently<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n += 1)
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ReadFailed) || !isBusy(error) || n >= limits.tries.default) throw error
      await sleep(limits.pauseMs.default, undefined, { signal })
    }
}
