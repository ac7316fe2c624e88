import type { ContractFact, Layer } from '../../../../core/facts/cluster.ts'
import { subject } from '../../../../core/subject.ts'
import { fileOf, newlyFailing } from '../../newly-failing.ts'
import type { WrittenFile } from '../../wrapped.ts'
import { defineWrapRule } from '../../wrapped.ts'

/** By a new connection, as after the next restart of the application: pooled sessions hide for hours that none can be opened. */
export default defineWrapRule({
  id: 'connection/contract-fails',
  consequence: 'connection/settings-changed',
  severity: 'critical',
  question: 'Can the application still connect, with its own settings, to each node that it needs?',
  *run(wrapped) {
    for (const { fact, remedy } of newlyFailing(wrapped)) {
      const file = fileOf(wrapped.files, fact)
      const where = file ? subject.file(file.file, file.keys[0] ?? '').replace(/#$/, '') : null
      const changed = file ? changedWords(file) : ''
      yield {
        object: where ?? `${subject.contract(fact.contract, fact.instance)}→${fact.node}`,
        nodes: [fact.node],
        // A slow answer behind a migration is none of its faults yet.
        severity: fact.layer === 'latency' ? 'warning' : 'critical',
        consequence: file ? 'connection/settings-changed' : consequenceOf(fact),
        message: `${fact.instance} can no longer use ${fact.node} (${fact.layer ?? 'settings'}): ${fact.message ?? ''}${changed}`,
        remedy: file
          ? `Put ${file.file} back as it was${file.keys.length > 0 ? ` (${file.keys.join(', ')})` : ''}, and restart ${fact.instance} if it has read it already.`
          : (remedy ?? 'antemortem contract test says which layer fails.'),
      }
    }
  },
})

const changedWords = ({ keys, isGone, file }: WrittenFile): string =>
  isGone
    ? `; the command has removed ${file}`
    : keys.length === 0
      ? `; the command has written ${file}`
      : `; the command has changed ${keys.join(', ')} in ${file}`

/** A server that takes no writes is another one than was meant; what else a role is refused, its settings and grants refuse. */
const consequenceOf = ({ layer, code }: ContractFact): string =>
  layer === 'role' && code === '25006' ? 'connection/wrong-node' : consequences[layer ?? 'query']

const consequences: Readonly<Record<Layer, string>> = {
  dns: 'network/partition',
  tcp: 'server/stopped',
  tls: 'connection/tls',
  access: 'connection/access-rules',
  auth: 'connection/credentials',
  database: 'connection/settings-changed',
  capacity: 'connection/exhausted',
  role: 'connection/role-settings',
  query: 'replication/schema-drift',
  latency: 'capacity/overload',
  data: 'replication/divergence',
  stale: 'replication/lag-load',
}
