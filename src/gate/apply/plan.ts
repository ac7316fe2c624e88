import type { RollbackClass } from '../../core/gate.ts'
import type { Scalar } from '../../core/json.ts'
import { onlyRead, type Plan, type Refusal, type Step, type Undo } from '../../core/plan.ts'
import { redact } from '../../core/redact.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { rollbackClass, worst } from '../change/rollback-class.ts'
import { canarySteps } from './canary-step.ts'
import { classOn, isLost, keepConnections, notKept, type Keepable } from './connections.ts'
import { fileInput, fileNames, fileOf, fileWords } from './file-unit.ts'
import { none, wordsOf, type BackOrder, type Inverse } from '../wayback/back-order.ts'
import { beforeOf, type Before } from '../wayback/before.ts'
import { makesUnnamed } from '../wayback/inverse-of-table.ts'
import { inverseOf } from '../wayback/inverse.ts'
import type { Telling } from '../wayback/told/told.ts'
import { mannerOf } from './manner.ts'
import { nodesInOrder, opposed } from './standby-first.ts'
import type { Unit } from './units.ts'

/** The kind of a plan that applies a change. */
export const planKind = 'gate-apply'

export interface Applying {
  readonly id: string
  readonly cluster: string
  readonly primary: string
  /** Digest of the texts of the change. */
  readonly change: string
  /** Digest of what the cluster is; the plan is refused on another. */
  readonly fingerprint: string
  readonly units: readonly Unit[]
  readonly snapshot: Snapshot
  /** What the catalogs answered of what stood there before. */
  readonly told?: Telling
  /** Connection strings of subscriptions that can be kept; none where absent. */
  readonly keepable?: Keepable
  readonly canAct: (node: string) => boolean
  /** Tables that contracts name as their own, as `schema.table`. */
  readonly canaryTables?: readonly string[]
  readonly budgetMs: number
  readonly atMs: number
  readonly validForMs: number
}

const limits = {
  lookMs: { default: 180_000, unit: 'ms', why: 'ten thousand tables, every contract, and touched tables compared' },
  boundedMs: {
    default: 120_000,
    unit: 'ms',
    why: 'about twenty attempts with their pauses: then the table is too busy',
  },
  longMs: { default: 3_600_000, unit: 'ms', why: 'an index that is built beside the writers, a table that is filled' },
  fileMs: { default: 60_000, unit: 'ms', why: 'the server reads its files within some milliseconds' },
  testMs: { default: 300_000, unit: 'ms', why: 'nodes have to catch up, and touched tables are compared' },
} as const

type Draft = Omit<Step, 'n'>

/**
 * What is done to which node in which order, with its way back: a look, copies of settings where the change alters them, each
 * transaction or single statement, and the tests. Pure.
 */
export function planChange(applying: Applying): Plan {
  const { id, cluster, change, fingerprint, snapshot, canAct, atMs, validForMs } = applying
  const units = nodesInOrder(applying.units, snapshot)
  const look: Draft = {
    kind: 'gate-look',
    words: 'look at every node, every contract and every counter, as they are before the change',
    node: null,
    input: { change },
    idempotent: 'yes',
    deadlineMs: limits.lookMs.default,
    undo: { none: onlyRead },
  }
  const drafts = [
    look,
    ...canarySteps(applying.canaryTables ?? []),
    ...keepSettings(units),
    ...keepFiles(units),
    ...keepConnections(units, applying.keepable ?? new Set()),
    ...units.flatMap((unit, n) =>
      fileOf(unit) === null ? [stepOf(unit, n, { ...applying, units })] : fileSteps(unit),
    ),
    testStep(applying),
  ]
  const blind = [...new Set(units.map(({ node }) => node))].filter((node) => !canAct(node))
  return {
    id,
    kind: planKind,
    // One change at a time: the subject is what a plan has for itself alone.
    subject: `${cluster}: change`,
    cluster,
    basis: { fingerprint, atMs, expiresMs: atMs + validForMs },
    steps: drafts.map((step, n) => ({ ...step, n: n + 1 })),
    refusals: [
      ...blind.map((node): Refusal => ({
        id: 'act-missing',
        why: `${node} has no acting role: give nodes.${node} an act: URL`,
        evidence: { node },
      })),
      ...opposed(units, snapshot),
    ],
  }
}

/** Before anything that could keep a server from starting. */
const keepSettings = (units: readonly Unit[]): readonly Draft[] =>
  [...new Set(units.filter(altersSystem).map(({ node }) => node))].map((node) => ({
    kind: 'gate-keep-settings',
    words: 'keep what postgresql.auto.conf says',
    node,
    input: {},
    idempotent: 'yes',
    deadlineMs: limits.lookMs.default,
    undo: { none: onlyRead },
  }))

const keepFiles = (units: readonly Unit[]): readonly Draft[] =>
  units.flatMap((unit) => {
    const which = fileOf(unit)
    if (which === null) return []
    return [
      {
        kind: 'gate-keep-file',
        words: `keep a copy of ${fileNames[which]}`,
        node: unit.node,
        input: { file: which },
        idempotent: 'yes',
        deadlineMs: limits.fileMs.default,
        undo: { none: onlyRead },
      },
    ]
  })

/** Written first, and read by the server only when it finds nothing wrong in it. */
function fileSteps(unit: Unit): readonly Draft[] {
  const input = { ...fileInput(unit), rollback: 'R1' }
  const about = { node: unit.node, input, deadlineMs: limits.fileMs.default }
  const name = fileNames[fileOf(unit) ?? 'settings']
  const back = {
    ...about,
    kind: 'gate-file-back',
    words: `put ${name} back byte for byte, and have the server read it`,
  }
  return [
    {
      ...about,
      kind: 'gate-write-file',
      words: fileWords(unit),
      idempotent: 'check-first',
      undo: { step: back },
    },
    {
      ...about,
      kind: 'gate-reload',
      words: `see that ${name} has no error, and have the server read it`,
      idempotent: 'yes',
      undo: { none: nothingToUndo },
    },
  ]
}

const altersSystem = ({ statements }: Unit): boolean => statements.some(({ kind }) => kind === 'AlterSystemStmt')

function stepOf(unit: Unit, index: number, applying: Applying): Draft {
  const { node, statements, isAlone, settings } = unit
  const manners = statements.map(({ tree }) => mannerOf(tree))
  const isLong = manners.some(({ isBounded }) => !isBounded)
  const deadlineMs = isLong ? limits.longMs.default : limits.boundedMs.default
  const [first] = manners
  const again = first?.again ?? { by: 'nobody' }
  const input: Record<string, Scalar> = {
    settings: JSON.stringify(settings),
    budget_ms: applying.budgetMs,
    rollback: worst(statements.map((each) => classOn(node, each, applying.keepable ?? new Set()))),
    ...(isAlone
      ? {
          sql: statements[0]?.sql ?? '',
          is_bounded: first?.isBounded === true,
          done: again.by === 'looking' ? again.done : null,
          clear: again.by === 'looking' ? again.clear : null,
        }
      : {
          statements: JSON.stringify(
            statements.map(({ sql, kind, tree }, n) => ({
              sql,
              isBounded: manners[n]?.isBounded === true,
              ...(kind === 'IndexStmt' && { makes: 'index' }),
              ...(makesUnnamed(tree) && { makes: 'constraint' }),
              isCounted: kind === 'InsertStmt',
            })),
          ),
        }),
  }
  return {
    kind: isAlone ? 'gate-statement' : 'gate-transaction',
    words: statements.map(({ sql }) => oneLine(sql)).join('; '),
    node,
    input,
    idempotent: isAlone && again.by === 'repeating' ? 'yes' : 'check-first',
    deadlineMs,
    undo: undoOfUnit(unit, index, applying),
  }
}

const longestWords = 400

/** A statement in the words of a plan; the whole of it stands in the step's input. */
function oneLine(sql: string): string {
  const line = redact(sql)
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length <= longestWords ? line : `${line.slice(0, longestWords)}…`
}

function undoOfUnit(unit: Unit, index: number, applying: Applying): Undo {
  const { node, statements, isAlone } = unit
  const before = beforeUnit(unit, index, applying)
  const orders: BackOrder[] = []
  for (const [nth, statement] of statements.entries()) {
    if (isLost(node, statement, applying.keepable ?? new Set())) return { none: notKept }
    const inverse: Inverse = before ? exactOf(statement, inverseOf(statement, nth, before)) : none('R1')
    if ('none' in inverse)
      return { none: statements.length === 1 ? inverse.none : `${oneLine(statement.sql)}: ${inverse.none}` }
    orders.unshift(...inverse.orders)
  }
  if (orders.length === 0) return { none: nothingToUndo }
  const isSetting = orders.every(({ kind }) => kind === 'setting')
  const isLong = orders.some(isBesideWriters)
  if (isLong && !isAlone && !orders.every(isBesideWriters))
    return { none: 'an index is built anew beside the writers, which a transaction refuses: drop it in one of its own' }
  return {
    step: {
      kind: isSetting ? 'gate-settings-back' : isAlone || isLong ? 'gate-statement-back' : 'gate-transaction-back',
      words: redact(orders.map(wordsOf).join('; ')),
      node,
      input: { orders: JSON.stringify(orders), budget_ms: applying.budgetMs },
      deadlineMs: isLong ? limits.longMs.default : limits.boundedMs.default,
    },
  }
}

const isBesideWriters = (order: BackOrder): boolean =>
  order.kind === 'sql' && /^(?:drop|create(?: unique)?) index concurrently /i.test(order.sql)

/** Of a step whose trace goes with what another step takes back, or that left none. */
export const nothingToUndo = 'it leaves nothing of its own that would have to go'

/** Production is no place to find out whether something would bring everything back. */
const exactOf = ({ tree }: ChangeStatement, inverse: Inverse): Inverse =>
  'orders' in inverse && inverse.isSurmised === true ? none(rollbackClass(tree)) : inverse

/** What stood there before, as far as it was seen; earlier units of the same change count as having run. */
function beforeUnit({ node }: Unit, index: number, { units, snapshot, primary, told }: Applying): Before | null {
  const view = snapshot.nodes.find(({ name }) => name === node)
  const on = (where: string, until: number) =>
    units.slice(0, until).flatMap((unit) => (unit.node === where ? unit.statements : []))
  return view
    ? beforeOf(view, { here: on(node, index + 1), onPrimary: node === primary ? [] : on(primary, units.length), told })
    : null
}

const testStep = ({ change, canaryTables = [] }: Applying): Draft => ({
  kind: 'gate-test',
  words: `test production, by reading only${canaryTables.length === 0 ? '' : ' but for the row of our own'}: every contract with new connections, every stream and subscription, counters over two polls, definitions, the touched tables on all nodes`,
  node: null,
  input: { change },
  idempotent: 'yes',
  deadlineMs: limits.testMs.default,
  undo: { none: onlyRead },
})

/** A step that changed something is taken back without a person where its inverse is exact, or it left nothing. */
export const isTakenBackAlone = ({ undo, input }: Step): boolean =>
  'step' in undo
    ? input['rollback'] === 'R0' || input['rollback'] === 'R1'
    : undo.none === onlyRead || undo.none === nothingToUndo

/** Of these units: the worst of their statements. */
export const classOf = (units: readonly Unit[], keepable: Keepable): RollbackClass =>
  worst(units.flatMap(({ node, statements }) => statements.map((each) => classOn(node, each, keepable))))
