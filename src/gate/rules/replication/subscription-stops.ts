import { subject } from '../../../core/subject.ts'
import { stuckNodes } from '../../applies.ts'
import { followersOf } from '../../described.ts'
import { settingsOn } from '../../files/settings-of.ts'
import type { StatementResult } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'
import { stoppedSubscriptions } from '../../subscriptions.ts'

/** A subscription that nobody serves fails with no error: its slot keeps the WAL of all that it misses. */
export default defineRule({
  id: 'replication/subscription-stops',
  consequence: 'replication/subscriber-disconnected',
  severity: 'error',
  question: 'Does every subscription still have a worker after the change?',
  *run({ before, after, applies, results, starts, primary }) {
    const stuck = stuckNodes(applies)
    if (starts.some(({ node, failure }) => node === primary && failure !== null)) return
    for (const { name: node } of followersOf(after, 'subscriber')) {
      // A worker in a loop of errors is there only now and then.
      const stopped = stuck.has(node) ? [] : stoppedSubscriptions(node, before, after)
      const culprit =
        culpritOn(node, results, /logical_replication_workers|worker_processes|active_replication_origins/) ??
        culpritOn(primary, results, /^max_wal_senders$|^max_replication_slots$|^wal_level$/)
      for (const { name, why } of stopped)
        yield {
          object:
            culprit === null || why === 'disabled'
              ? subject.subscription(node, name)
              : subject.setting(culprit.on, culprit.name),
          nodes: [...new Set([node, ...(culprit === null || why === 'disabled' ? [] : [culprit.on])])],
          ...(why === 'disabled' && { consequence: 'replication/subscription-disabled' }),
          message:
            why === 'disabled'
              ? `after the change subscription ${name} on ${node} is switched off: nothing arrives, and its slot on ${primary} keeps WAL without end`
              : `after the change subscription ${name} on ${node} has no worker${culprit === null ? '' : ` (${culprit.name} = ${culprit.value} on ${culprit.on})`}: nothing arrives, and its slot on ${primary} keeps WAL without end`,
          remedy:
            why === 'disabled'
              ? `Leave it on, or switch it on again in the same change: alter subscription ${name} enable;`
              : `Look at what the change does to its connection and to the workers of ${node}: max_logical_replication_workers, max_worker_processes.`,
          about: [],
        }
    }
  },
})

function culpritOn(node: string, results: readonly StatementResult[], names: RegExp) {
  const found = [...settingsOn(node, results)].find(([name]) => names.test(name))
  return found === undefined ? null : { on: node, name: found[0], value: found[1] ?? 'its default' }
}
