import { subject } from '../../../../core/subject.ts'
import { syncStandbys } from '../../../../core/sync-standbys.ts'
import { factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A commit that waits for a standby which is not there waits for ever: no timeout of the server ends it. */
export default defineReviewRule({
  id: 'configuration/commits-wait',
  consequence: 'replication/sync-standby-missing',
  severity: 'error',
  question: 'Are the standbys connected for which every commit will wait?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings) {
      const wanted = name === 'synchronous_standby_names' && value !== null ? syncStandbys(value) : null
      for (const node of wanted === null ? [] : nodes) {
        const senders = factOf(input, node, 'senders')
        const named = namesIn(value ?? '')
        const there = (senders ?? []).filter(
          ({ applicationName }) => named.includes('*') || named.includes(applicationName.toLowerCase()),
        )
        if (wanted === null || (senders !== null && there.length >= wanted.count)) continue
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          severity: senders === null ? 'warning' : 'error',
          message: `every commit on ${node} waits for ${wanted.count} of ${named.join(', ')}${senders === null ? '' : `, and ${there.length === 0 ? 'none of them is' : `only ${there.length} of them is`} connected`}: it hangs with its locks, no statement_timeout ends it, and the row is there already`,
          remedy: `Name application_name of a standby in pg_stat_replication${senders === null || senders.length === 0 ? '' : ` (now: ${senders.map((one) => one.applicationName).join(', ')})`}.`,
          at,
          basis: senders === null ? 'text' : 'topology',
        }
      }
    }
  },
})

const namesIn = (value: string): readonly string[] =>
  (/\((.*)\)/.exec(value)?.[1] ?? value).split(',').map((word) => word.trim().replaceAll('"', '').toLowerCase())
