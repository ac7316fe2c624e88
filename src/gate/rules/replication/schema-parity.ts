import schemaParity from '../../../checks/replication/schema-parity.ts'
import type { Finding } from '../../../core/finding.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import { inspect } from '../../../findings/inspect.ts'
import { defineRule } from '../../rule.ts'

/** Logical replication carries rows, not definitions: a change must reach the subscriber as well, and in the right order. */
export default defineRule({
  id: 'replication/schema-parity',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'After the change, does every published table have the same columns on its subscribers?',
  *run({ before, after, primary }) {
    const known = new Set(differences(before).map(({ message }) => message))
    for (const { subject, node = primary, severity, message } of differences(after)) {
      if (known.has(message)) continue
      yield {
        object: subject,
        nodes: [node],
        severity,
        message,
        remedy: `Run the missing part on ${node} first, under "-- antemortem:on ${node}", then on ${primary}.`,
        about: [subject.slice(node.length + 1)],
      }
    }
  },
})

/** By the very check that looks at production, so that gate and diagnosis never disagree. */
const differences = (snapshot: Snapshot): readonly Finding[] =>
  inspect([schemaParity], snapshot, []).flatMap(({ found }) => found)
