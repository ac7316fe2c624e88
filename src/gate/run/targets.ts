import { AntemortemError } from '../../core/error.ts'
import type { NodeRole } from '../../core/snapshot.ts'
import type { ChangeStatement } from '../change/read-change.ts'

export interface Target {
  readonly name: string
  readonly role: NodeRole
}

/** A statement with the nodes that it runs on, in the order in which the file names them. */
export interface Step {
  readonly statement: ChangeStatement
  readonly nodes: readonly string[]
}

/** Finds the nodes of every section before anything is run: a name that is wrong must not be found half-way. */
export const stepsOf = (statements: readonly ChangeStatement[], nodes: readonly Target[]): readonly Step[] =>
  statements.map((statement) => ({
    statement,
    nodes: [...new Set((statement.on ?? ['primary']).flatMap((word) => nodesFor(word, statement, nodes)))],
  }))

/** A node's own name wins over the words for groups. */
function nodesFor(word: string, { file, onLine }: ChangeStatement, nodes: readonly Target[]): readonly string[] {
  const named = nodes.filter(({ name }) => name === word)
  const group = named.length > 0 ? named : nodes.filter(groups[word] ?? (() => false))
  if (group.length > 0) return group.map(({ name }) => name)
  throw new AntemortemError(
    'change-node',
    `${file}:${onLine ?? 1}: there is no node "${word}" in the cluster`,
    `Its nodes are: ${nodes.map(({ name, role }) => `${name} (${role})`).join(', ')}; or write primary, subscriber, standby, or all for those that take writes.`,
    { exit: 2 },
  )
}

const groups: Readonly<Record<string, (target: Target) => boolean>> = {
  primary: ({ role }) => role === 'primary',
  subscriber: ({ role }) => role === 'subscriber',
  standby: ({ role }) => role === 'standby',
  all: ({ role }) => role !== 'standby',
}
