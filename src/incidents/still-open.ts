import type { Finding } from '../core/finding.ts'
import type { LogEvent } from './event.ts'

/**
 * Findings that the log of one cluster opened and did not close. A watcher that starts again begins with them: else each
 * would open twice, and one that it cannot see at first would look like one that is gone.
 */
export function stillOpen(events: readonly LogEvent[]): readonly Finding[] {
  const open = new Map<string, Finding>()
  for (const event of events) {
    if (event.type === 'finding.opened') open.set(keyOf(event.finding), event.finding)
    if (event.type === 'finding.closed') open.delete(keyOf(event.finding))
  }
  return [...open.values()]
}

const keyOf = ({ check, subject }: Finding): string => `${check}\n${subject}`
