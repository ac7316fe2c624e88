import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'

/** Asks again until the answer is yes; says what it waited for when it never was. */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean>,
  options: { timeoutMs?: number; everyMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const until = Date.now() + (options.timeoutMs ?? 30_000)
  while (!(await condition())) {
    if (Date.now() > until)
      throw new AntemortemError(
        'lab-timeout',
        `the lab waited in vain for ${what}`,
        "Look into its servers' logs; a machine that is very busy may only need another try.",
      )
    await sleep(options.everyMs ?? 5, undefined, { signal: options.signal })
  }
}
