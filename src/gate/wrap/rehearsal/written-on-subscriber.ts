import type { Change } from '../../../core/change.ts'
import type { GateFinding } from '../../../core/gate.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { keyOf } from '../differences.ts'
import type { Moment } from '../moment.ts'
import { subscriberWritten } from '../subscriber-written.ts'

export interface WrittenInCopy {
  readonly primary: string
  readonly after: Snapshot
  readonly contents: readonly [Moment['contents'], Moment['contents']]
  readonly writers: Moment['writers']
  readonly changes: readonly Change[]
}

/**
 * Rows that a command wrote on a subscriber, in the copy: its table was the primary's before, is another one now, and the primary's
 * stayed as it was. What is only on its way there differed before, too. Pure.
 */
export function writtenOnSubscriber({
  primary,
  after,
  contents: [before, now],
  writers,
  changes,
}: WrittenInCopy): readonly GateFinding[] {
  const hashes = (contents: Moment['contents']): ReadonlyMap<string, string> =>
    new Map(contents.flatMap((one) => (one.contents ? [[keyOf(one), one.contents.hash] as const] : [])))
  const [was, is] = [hashes(before), hashes(now)]
  return now.flatMap((at): readonly GateFinding[] => {
    const { node, schema, table } = at
    const [here, there] = [keyOf(at), keyOf({ node: primary, schema, table })]
    const wasSame = was.get(here) !== undefined && was.get(here) === was.get(there)
    const isItsOwn = is.get(there) === was.get(there) && is.get(here) !== was.get(here)
    const change = changes.find((one) => one.kind === 'data' && one.object === subject.table(node, schema, table))
    if (node === primary || !wasSame || !isItsOwn || !change || !isFilled(after, at)) return []
    const { object, nodes, message, rights } = subscriberWritten({ at, change, primary, writers: writers.get(node) })
    return [
      {
        rule: 'replication/subscriber-written',
        consequence: 'replication/apply-conflict',
        severity: 'error',
        object,
        nodes,
        message,
        remedy: `Write on ${primary}, and let the rows come; and ${rights}`,
      },
    ]
  })
}

function isFilled(
  { nodes }: Snapshot,
  { node, schema, table }: Pick<Moment['contents'][number], 'node' | 'schema' | 'table'>,
): boolean {
  const subscriptions = nodes.find(({ name }) => name === node)?.facts.subscriptions
  return (
    subscriptions?.seen === true &&
    subscriptions.value.some(({ tables }) => tables.some((one) => one.schema === schema && one.name === table))
  )
}
