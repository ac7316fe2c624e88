import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { RollbackClass } from '../../core/gate.ts'
import { onlyRead, type Plan, type Step } from '../../core/plan.ts'
import { readConnections } from '../../engines/postgres/act/subscription-connection.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { rollbackClass, worst } from '../change/rollback-class.ts'
import { reconnected } from '../change/reconnected.ts'
import type { Unit } from './units.ts'

/** Subscriptions whose connection string can be kept before a change gives them another one, as `node subscription`. */
export type Keepable = ReadonlySet<string>

const placeOf = (node: string, subscription: string): string => `${node} ${subscription}`

/** Which of those that a change alters the acting role may read; what it reads here is not kept. */
export async function keepableIn(
  units: readonly Unit[],
  { nodes }: Pick<ClusterConfig, 'nodes'>,
  signal: AbortSignal,
): Promise<Keepable> {
  const found = new Set<string>()
  for (const { node, statements } of units)
    for (const { tree } of statements) {
      const subscription = reconnected(tree)
      const act = nodes.find(({ name }) => name === node)?.act ?? null
      if (subscription === null || act === null) continue
      try {
        if ((await readConnections(node, act, signal))?.has(subscription) === true)
          found.add(placeOf(node, subscription))
      } catch (error) {
        // Whoever does not get in there now says so when it is to act.
        if (!(error instanceof AntemortemError)) throw error
      }
    }
  return found
}

/** The same of a plan that was made earlier. */
export const keptIn = ({ steps }: Plan): Keepable =>
  new Set(
    steps.flatMap(({ kind, node, input }) =>
      kind === keepKind ? [placeOf(node ?? '', String(input['subscription']))] : [],
    ),
  )

export const keepKind = 'gate-keep-connection'

const deadlineMs = 10_000

/** Before the statement that gives it another one; no secret stands in the step. */
export const keepConnections = (units: readonly Unit[], keepable: Keepable): readonly Omit<Step, 'n'>[] => {
  const all = units.flatMap(({ node, statements }) =>
    statements.flatMap(({ tree }) => {
      const subscription = reconnected(tree)
      return subscription !== null && keepable.has(placeOf(node, subscription)) ? [{ node, subscription }] : []
    }),
  )
  const once = new Map(all.map((each) => [placeOf(each.node, each.subscription), each]))
  return [...once.values()].map(({ node, subscription }) => ({
    kind: keepKind,
    words: `keep the connection string of subscription ${subscription}`,
    node,
    input: { subscription },
    idempotent: 'yes',
    deadlineMs,
    undo: { none: onlyRead },
  }))
}

/** That its connection string was not kept: no other role of ours has it. */
export const notKept = 'the acting role may not read the connection string that it replaces'

export const isLost = (node: string, { tree }: ChangeStatement, keepable: Keepable): boolean => {
  const subscription = reconnected(tree)
  return subscription !== null && !keepable.has(placeOf(node, subscription))
}

/** By its form; a connection string that nobody has kept somebody has to know. */
export const classOn = (node: string, statement: ChangeStatement, keepable: Keepable): RollbackClass =>
  isLost(node, statement, keepable) ? worst(['R2', rollbackClass(statement.tree)]) : rollbackClass(statement.tree)
