import { diff } from '../../changes/diff.ts'
import { fingerprintOf } from '../../changes/fingerprint.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { readFillable } from '../../engines/postgres/ddl/fillable.ts'
import { rowDigests } from '../../engines/postgres/ddl/row-digests.ts'
import { runCanaryInserts, withParents } from '../canary/canaries.ts'
import { rollbackClass, worst } from '../change/rollback-class.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import type { Rehearsal, StatementResult } from '../rehearsal.ts'
import { applyChange } from '../run/apply.ts'
import { countErrors } from '../run/apply-errors.ts'
import { lookAt } from '../run/look.ts'
import { firstCopies, settle } from '../run/settle.ts'
import type { Stage } from '../run/stage.ts'
import { linkOf, startAnew } from '../run/stage.ts'
import { StatementRunner } from '../run/statement-runner.ts'
import type { Step } from '../run/targets.ts'
import type { BackOrder } from './back-order.ts'
import { beforeOf } from './before.ts'
import { callsBack } from './calls.ts'
import { inverseOf } from './inverse.ts'
import { keepFiles, nodesWithFiles, putFilesBack } from './kept-files.ts'
import { marksOf, shownOrder, statementsFor, type Known } from './orders-in-copy.ts'
import type { BackStep, WayBack } from './way-back.ts'

/**
 * Carries out the change once more in a copy that is as it was, then takes it back, and looks whether everything is as before:
 * a class that was only read off the text says nothing of the rows.
 */
export async function rehearseWayBack(stage: Stage, steps: readonly Step[], rehearsal: Rehearsal): Promise<WayBack> {
  const { results, before, primary } = rehearsal
  const done = results.filter(({ error, statement: { kind } }) => error === null && kind !== 'TransactionStmt')
  const form = worst(done.flatMap(({ statement: { tree } }) => [rollbackClass(tree), callsBack(tree)?.form ?? 'R0']))
  if (done.length === 0 || form === 'R0') return { rollback: form, steps: [], words: 'there is nothing to take back' }
  const planned = planOf(rehearsal, done)
  if ('statement' in planned) {
    const { file, line } = planned.statement
    return { rollback: form, steps: [], words: `by its form; ${file}:${line} is not taken back: ${planned.none}` }
  }
  const plan = planned.flatMap(({ node, order }) =>
    shownOrder(order, viewOf(before, node)).map((sql): BackStep => ({ node, sql })),
  )
  if (results.some(({ error }) => error !== null))
    return { rollback: form, steps: plan, words: 'by its form; it was not tried, because a part of the change failed' }

  await startAnew(stage)
  await writeBoundaryRows(stage, rehearsal)
  const was = await lookAt(stage, before.cluster)
  const rows = await rowsOf(stage, was)
  const kept = keepFiles(stage)
  const marks = await marksOf(stage)
  const again = await applyChange(stage, steps)
  const failed = again.results.find(({ error }) => error !== null)
  if (failed)
    return {
      rollback: form,
      steps: plan,
      words: `by its form; with rows at the ends of their types ${failed.statement.file}:${failed.statement.line} is refused`,
    }
  await firstCopies(stage, await countErrors(stage))
  const refused =
    (await takeBack(stage, planned, { before, marks, done })) ??
    (await putFilesBack(stage, { kept, nodes: nodesWithFiles(done) }))
  if (refused !== null) return { rollback: worst([form, 'R3']), steps: plan, words: refused }
  const now = await lookAt(stage, before.cluster)
  const differing = differences(rows, await rowsOf(stage, now))
  const left = was.nodes.flatMap((node) => {
    const is = now.nodes.find(({ name }) => name === node.name)
    return is ? diff(fingerprintOf(node), fingerprintOf(is)).filter(({ kind }) => kind !== 'topology') : []
  })
  return classOf({ form, plan, left: left.map(({ object }) => object), differing, primary })
}

interface Seen {
  readonly form: WayBack['rollback']
  readonly plan: readonly BackStep[]
  /** What is still otherwise, as subjects. */
  readonly left: readonly string[]
  /** Tables whose rows are others, as `node:schema.table`. */
  readonly differing: readonly string[]
  readonly primary: string
}

/** By what was seen; a publication's way back also costs what nobody received meanwhile, which no copy without load shows. Pure. */
export function classOf({ form, plan, left, differing, primary }: Seen): WayBack {
  const lost = differing.filter((object) => object.startsWith(`${primary}:`))
  if (lost.length > 0)
    return {
      rollback: worst([form, 'R3']),
      steps: plan,
      words: `tried: rows of ${lost.join(', ')} are not what they were`,
    }
  if (left.length > 0)
    return {
      rollback: worst([form, 'R2']),
      steps: plan,
      words: `tried: ${left.join(', ')} is still otherwise than before`,
    }
  if (differing.length > 0)
    return { rollback: 'R2', steps: plan, words: `tried: rows of ${differing.join(', ')} have to be copied again` }
  // The form thinks the worst of a type; here its rows came back.
  const seen = form === 'R2' || form === 'R4' ? form : 'R1'
  return {
    rollback: seen,
    steps: plan,
    words: 'tried: definitions and rows are what they were, also those at the ends of their types',
  }
}

async function writeBoundaryRows(stage: Stage, { touched }: Rehearsal): Promise<void> {
  const reached = await linkOf(stage, stage.primary).reach(stage.signal)
  if (!reached.ok) return
  const all = await readFillable(reached.reader, { signal: stage.signal, deadlineMs: 10_000 })
  const tables = withParents(
    all.filter(({ schema, name }) => touched.has(`${schema}.${name}`)),
    all,
  )
  await runCanaryInserts(stage, tables)
}

/** Behind the fence: what is on its way is no difference. */
async function rowsOf(stage: Stage, described: Snapshot): Promise<ReadonlyMap<string, string>> {
  await settle(stage, { described, errors: await countErrors(stage), late: new Set() })
  const found = await Promise.all(
    stage.nodes.map(async ({ name }): Promise<readonly (readonly [string, string])[]> => {
      const reached = await linkOf(stage, name).reach(stage.signal)
      const digests = reached.ok ? await rowDigests(reached.reader, { signal: stage.signal, deadlineMs: 20_000 }) : []
      return [...digests].map(([table, digest]) => [`${name}:${table}`, digest])
    }),
  )
  return new Map(found.flat())
}

const differences = (was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): readonly string[] =>
  [...was].filter(([table, digest]) => is.get(table) !== digest).map(([table]) => table)

interface NodeOrder {
  readonly node: string
  readonly order: BackOrder
}

const viewOf = ({ nodes }: Snapshot, node: string): NodeView | undefined => nodes.find(({ name }) => name === node)

/** The last first; or the first of them that nothing takes back. */
function planOf(
  { before, primary, told }: Rehearsal,
  done: readonly StatementResult[],
): readonly NodeOrder[] | { readonly statement: ChangeStatement; readonly none: string } {
  const on = (node: string): readonly ChangeStatement[] =>
    done.flatMap((result) => (result.node === node ? [result.statement] : []))
  const plan: NodeOrder[] = []
  for (const [nth, { statement, node, withheld }] of done.entries()) {
    const view = viewOf(before, node)
    if (!view || withheld !== null) return { statement, none: withheld ?? `${node} was not seen before` }
    const inverse = inverseOf(
      statement,
      nth,
      beforeOf(view, { here: on(node), onPrimary: node === primary ? [] : on(primary), told }),
    )
    if ('none' in inverse) return { statement, none: inverse.none }
    plan.unshift(...inverse.orders.map((order) => ({ node, order })))
  }
  return plan
}

/** The first refusal in words; null: all went through. */
async function takeBack(stage: Stage, plan: readonly NodeOrder[], known: Known): Promise<string | null> {
  const runners = new Map<string, StatementRunner>()
  try {
    for (const { node, order } of plan)
      for (const sql of await statementsFor(stage, node, order, known)) {
        const runner = runners.get(node) ?? (await StatementRunner.open(stage, node))
        if ('refused' in runner) return `tried: ${node} takes no new session: ${runner.refused.message}`
        runners.set(node, runner)
        const refusal = await runner.plain(sql)
        if (refusal !== null) return `tried: ${node} refuses "${sql}": ${refusal}`
      }
    return null
  } finally {
    for (const runner of runners.values()) await runner.close()
  }
}
