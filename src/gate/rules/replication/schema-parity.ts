import schemaParity from '../../../checks/replication/schema-parity.ts'
import type { Finding } from '../../../core/finding.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { inspect } from '../../../findings/inspect.ts'
import { describedOf } from '../../described.ts'
import { defineRule } from '../../rule.ts'

/** Logical replication carries rows, not definitions: a change must reach the subscriber as well, and in the right order. */
export default defineRule({
  id: 'replication/schema-parity',
  consequence: 'replication/schema-drift',
  severity: 'error',
  question: 'After the change, does every published table have the same columns on its subscribers?',
  *run({ before, between, after, primary }) {
    const known = new Set(differences(before).map(({ message }) => message))
    const remedyFor = (node: string): string =>
      `Run the missing part on ${node} first, under "-- antemortem:on ${node}", then on ${primary}.`
    for (const { subject: object, node = primary, severity, message } of differences(after)) {
      if (known.has(message)) continue
      known.add(message)
      const renamed = renamedFrom(object, node, before, after, primary)
      yield {
        object: renamed ?? object,
        nodes: [node],
        severity,
        message: renamed === null ? message : `${message} (it is ${renamed.slice(node.length + 1)} there)`,
        remedy: remedyFor(node),
        about: [object, ...(renamed === null ? [] : [renamed])].map((name) => name.slice(node.length + 1)),
      }
    }
    for (const { behind, snapshot } of between)
      for (const { subject: object, node = primary, message } of differences(snapshot)) {
        if (known.has(message)) continue
        known.add(message)
        yield {
          object,
          nodes: [node],
          severity: 'warning',
          message: `for a while, behind ${behind.file}:${behind.line}, ${message}`,
          remedy: remedyFor(node),
          about: [object.slice(node.length + 1)],
        }
      }
  },
})

/** The name under which the subscriber still has a table that the change has given another one. */
function renamedFrom(object: string, node: string, before: Snapshot, after: Snapshot, primary: string): string | null {
  const [was, is] = [describedOf(before, primary), describedOf(after, primary)]
  const now = is?.tables.find(({ schema, name }) => object === subject.table(node, schema, name))
  const then = was?.tables.find(({ oid }) => oid === now?.oid)
  if (!now || !then || (then.name === now.name && then.schema === now.schema)) return null
  return subject.table(node, then.schema, then.name)
}

/** By the very check that looks at production, so that gate and diagnosis never disagree. */
const differences = (snapshot: Snapshot): readonly Finding[] =>
  inspect([schemaParity], snapshot, []).flatMap(({ found }) => found)
