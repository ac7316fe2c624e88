import { duration } from '../../../../report/duration.ts'
import { defineWrapRule } from '../../wrapped.ts'

/** What stood before the failure is done, what comes after it is not: the difference says which is which. */
export default defineWrapRule({
  id: 'command/fails',
  consequence: 'application/error',
  severity: 'error',
  question: 'Did the command come to its end, and say that all went well?',
  *run({ command, words, changes }) {
    const { exit, signal, timedOut, interrupted, startedMs, endedMs } = command
    if (exit === 0 && !timedOut && !interrupted) return
    const how = timedOut
      ? `was still running after ${duration(endedMs - startedMs)} and was ended`
      : interrupted
        ? 'was interrupted'
        : signal === null
          ? `ended with code ${exit}`
          : `was ended by ${signal}`
    yield {
      object: words,
      nodes: [],
      message: `${words} ${how}; ${changes.length === 0 ? 'nothing that was looked at has changed' : `${changes.length === 1 ? '1 change was' : `${changes.length} changes were`} seen meanwhile`}`,
      remedy:
        changes.length === 0
          ? 'Mend what it complains of, and run it again.'
          : 'Read its output and the changes (rows may be those of your application): finish it, or take back by hand what it has begun, before anything else is deployed.',
    }
  },
})
