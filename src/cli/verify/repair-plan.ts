import { randomUUID } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { ExitCode } from '../../core/error.ts'
import type { Plan } from '../../core/plan.ts'
import type { NodeView } from '../../core/snapshot.ts'
import type { PairReport } from '../../core/verification.ts'
import { printPlan } from '../../repair/print.ts'
import { withoutValues } from '../../repair/rows/batch.ts'
import { gather, type Reported } from '../../repair/rows/gather.ts'
import { gatherStuck } from '../../repair/rows/gather-stuck.ts'
import { notesOf, summaryOf } from '../../repair/rows/notes.ts'
import { planRows, type RowsPlan } from '../../repair/rows/plan.ts'
import { keptIn, rowsReachOf, type RowsReach } from '../../repair/rows/reach.ts'
import { planToMend, planToSkip } from '../../repair/rows/stuck-plan.ts'
import type { Direction } from '../../repair/rows/table-rows.ts'
import { wrap } from '../../report/wrap.ts'
import { planJson } from '../../shapes/plan.ts'
import type { Store } from '../../store/store.ts'
import { pairsOf, type NodePair } from '../../verify/pairs.ts'
import { lookAtTopology } from '../../verify/topology.ts'
import type { CommandContext } from '../command.ts'
import { digest, writePlan, writePlanFiles } from './plan-files.ts'
import { usage, type Compare } from './repair.ts'
import { isLate, stuckIn } from './stuck-subscription.ts'
import { tableNameOf } from './table-name.ts'

export interface Making {
  readonly cluster: ClusterConfig
  readonly store: Store
  readonly directory: string
  readonly compare: Compare
}

interface Sides {
  readonly pair: NodePair
  readonly target: string
  readonly source: string
}

interface Told {
  readonly plan: Plan
  readonly files: readonly string[]
  readonly notes: readonly string[]
  readonly leftOut: readonly { readonly id: string; readonly why: string }[]
}

/** Makes a plan for the node that is to be written: of its subscription where that is stuck, else of the rows that differ. */
export async function makePlans(making: Making, context: CommandContext): Promise<ExitCode> {
  const { cluster, store } = making
  const target = context.options.text('to')
  if (target === null || !cluster.nodes.some(({ name }) => name === target))
    throw usage(
      target === null ? '--repair plan does not guess which node is wrong' : `there is no node ${target}`,
      `Name the node that is to be written: --to ${cluster.nodes.map(({ name }) => name).join(' | ')}.`,
    )
  context.progress(`looking at ${cluster.name}`)
  const nodes = await lookAtTopology(cluster, context.signal)
  const sides = sidesOf(nodes, target, context.options.text('from'))
  const reach = rowsReachOf(
    cluster,
    keptIn(store, () => undefined),
  )
  const told = [...(await stuckPlans(making, reach, sides, nodes, context))]
  if (told.length === 0) told.push(...(await rowPlans(making, reach, sides, context)))
  for (const { plan } of told) await store.savePlan(plan)
  tell(told, context)
  return told.some(({ plan }) => plan.refusals.length > 0) && !told.some(({ plan }) => plan.steps.length > 0) ? 1 : 0
}

/** The node that is written, and the one whose rows are the truth. */
function sidesOf(nodes: readonly NodeView[], target: string, from: string | null): Sides {
  const { pairs } = pairsOf(nodes)
  const all = pairs.flatMap((pair): Sides[] => {
    if (pair.right === target) return [{ pair, target, source: pair.left }]
    // Nobody repairs a publisher from its subscriber by accident.
    return pair.left === target && (pair.follows === 'physical' || from !== null)
      ? [{ pair, target, source: pair.right }]
      : []
  })
  // Two nodes that follow each other are a pair in both directions: a node is repaired as the one that follows.
  const ordered = [
    ...all.filter(({ pair }) => pair.right === target),
    ...all.filter(({ pair }) => pair.right !== target),
  ]
  const fit = ordered.filter(
    ({ source }, n) =>
      (from === null || source === from) && ordered.findIndex((other) => other.source === source) === n,
  )
  const [sides] = fit
  if (!sides)
    throw usage(
      `${target} has no node to take rows from${from === null ? '' : ` called ${from}`}`,
      `It follows nobody that was seen, and nobody follows it. Pairs: ${pairs.map(({ left, right }) => `${left} and ${right}`).join(', ') || 'none'}.`,
    )
  if (fit.length > 1)
    throw usage(
      `rows for ${target} could come from ${fit.map(({ source }) => source).join(' or ')}`,
      'Name the one whose rows are right with --from.',
    )
  return sides
}

async function stuckPlans(
  { cluster, directory }: Making,
  reach: RowsReach,
  { pair, target, source }: Sides,
  nodes: readonly NodeView[],
  context: CommandContext,
): Promise<readonly Told[]> {
  const view = nodes.find(({ name }) => name === target)
  if (pair.follows !== 'logical' || pair.right !== target || !view || !isLate(view)) return []
  context.progress(`reading what the log of ${target} says`)
  const { failures, missing } = await stuckIn(cluster, view, context.signal)
  if (missing !== null) context.note(missing)
  const told: Told[] = []
  for (const failure of failures) {
    const stuck = await gatherStuck(reach, failure, source, context.signal)
    if (!stuck) continue
    const notes = [
      `Subscription ${stuck.subscription.name} of ${target} does not get past transaction ${failure.xid} of ${source}: ${failure.message}`,
    ]
    for (const make of [planToMend, planToSkip]) {
      const plan = make({ id: newId(), cluster: cluster.name, atMs: Date.now(), digest, stuck })
      told.push({ plan, files: writePlan(directory, plan), notes, leftOut: [] })
    }
  }
  return told
}

async function rowPlans(
  { cluster, store, directory, compare }: Making,
  reach: RowsReach,
  { pair, target, source }: Sides,
  context: CommandContext,
): Promise<readonly Told[]> {
  const told: Told[] = []
  const isStandby = pair.follows === 'physical' && pair.right === target
  const two = { ...cluster, nodes: cluster.nodes.filter(({ name }) => name === target || name === source) }
  // Nobody has to compare for an hour to be told that a standby is not written.
  const report = isStandby ? null : (await compare(two, store)).pairs.find((each) => isSame(each, pair))
  for (const [subscription, tables] of bySubscription(pair, report)) {
    const direction: Direction = { left: pair.left, right: pair.right, subscription, target, source }
    const gathered = await gather(reach, direction, tables, context.signal)
    if (tables.length === 0 && !gathered.target.isInRecovery) continue
    const repair = planRows({
      id: newId(),
      cluster: cluster.name,
      atMs: Date.now(),
      digest,
      direction,
      expected: null,
      ...gathered,
    })
    told.push(toldOf(repair, writePlanFiles(directory, repair)))
  }
  return told
}

const toldOf = (repair: RowsPlan, files: readonly string[]): Told => ({
  plan: repair.plan,
  files,
  notes: [...summaryOf(repair), ...notesOf(repair)],
  leftOut: repair.leftOut,
})

const newId = (): string => `repair-${randomUUID().slice(0, 8)}`

const isSame = (report: PairReport, pair: NodePair): boolean => report.left === pair.left && report.right === pair.right

/** Each subscription has a fence of its own. */
function bySubscription(
  pair: NodePair,
  report: PairReport | null | undefined,
): readonly (readonly [string | null, readonly Reported[]])[] {
  const reported: readonly Reported[] = (report?.tables ?? [])
    .filter(({ verdict }) => verdict !== 'consistent')
    .map((table) => ({ ...tableNameOf(table.table), report: table }))
  if (pair.follows !== 'logical') return [[null, reported]]
  return pair.subscriptions.map((subscription, n) => [
    subscription.name,
    reported.filter(({ schema, table }) => {
      const first = pair.subscriptions.findIndex(({ tables }) =>
        tables.some((each) => each.schema === schema && each.name === table),
      )
      return Math.max(0, first) === n
    }),
  ])
}

function tell(told: readonly Told[], { format, out, style, width }: CommandContext): void {
  if (format === 'json') {
    out.json({
      plans: told.map(({ plan, files, notes, leftOut }) => ({
        plan: planJson(withoutValues(plan)),
        files,
        notes,
        left_out: leftOut,
      })),
    })
    return
  }
  if (told.length === 0) out.line('Nothing differs that was compared: there is nothing to repair.')
  for (const [n, { plan, files, notes, leftOut }] of told.entries()) {
    if (n > 0) out.line()
    for (const line of printPlan(plan, style, width)) out.line(line)
    for (const [title, texts] of [
      ['To know', notes],
      ['Left as it is', leftOut.map(({ why }) => why)],
    ] as const)
      if (texts.length > 0)
        for (const line of ['', style.strong(title), ...texts.flatMap((text) => wrap(`- ${text}`, width, '  '))])
          out.line(line)
    out.line()
    for (const file of files) out.line(style.faint(`written to ${file}`))
    if (plan.refusals.length === 0)
      out.line(`Carry it out: ${style.name(`antemortem verify --repair apply ${plan.id}`)}`)
  }
}
