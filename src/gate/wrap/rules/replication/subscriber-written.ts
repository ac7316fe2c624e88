import { subject } from '../../../../core/subject.ts'
import { keyOf } from '../../differences.ts'
import { subscriberWritten } from '../../subscriber-written.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/**
 * What a subscription fills, somebody else wrote: the next row that the primary writes there collides with it, and nothing
 * behind that row arrives any more.
 */
export default defineWrapRule({
  id: 'replication/subscriber-written',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Did the command write only on the primary what the subscriptions carry?',
  *run(wrapped) {
    const { before, changes, primary } = wrapped
    const now = latest(wrapped)
    const differed = new Set(differing(before))
    const differs = new Set(differing(now))
    for (const { node, schema, table } of now.contents) {
      const key = keyOf({ node, schema, table })
      const object = subject.table(node, schema, table)
      const isCarried = now.writers.has(node) && carries(now, node, schema, table)
      if (!isCarried || !differs.has(key) || differed.has(key)) continue
      const change = changes.find((each) => each.kind === 'data' && each.object === object)
      const there = changes.some(
        (each) => each.kind === 'data' && each.object === subject.table(primary, schema, table),
      )
      // Where both have changed, which of them was written is not known: the comparison of rows speaks.
      if (!change || there) continue
      const at = { node, schema, table }
      const { rights, ...said } = subscriberWritten({ at, change, primary, writers: now.writers.get(node) })
      yield {
        ...said,
        remedy: `Take the rows away again (antemortem verify shows them, verify --repair plan makes the way back), and ${rights}`,
      }
    }
  },
})

const differing = ({ snapshot: { facts } }: { readonly snapshot: Parameters<typeof carries>[0]['snapshot'] }) =>
  facts.touched.seen ? facts.touched.value.filter(({ verdict }) => verdict === 'different').map(keyOf) : []

function carries(
  { snapshot }: Pick<ReturnType<typeof latest>, 'snapshot'>,
  node: string,
  schema: string,
  table: string,
): boolean {
  const subscriptions = snapshot.nodes.find(({ name }) => name === node)?.facts.subscriptions
  return (
    subscriptions?.seen === true &&
    subscriptions.value.some(({ tables }) => tables.some((one) => one.schema === schema && one.name === table))
  )
}
