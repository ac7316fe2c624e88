import { canonicalJson, type Scalar } from '../../core/json.ts'
import { onlyRead, type Plan, type Step } from '../../core/plan.ts'
import { subject } from '../../core/subject.ts'
import type { SwapFacts } from '../../engines/postgres/act/swap/facts.ts'
import { shownTable } from '../names.ts'
import { rebuildNames } from './names.ts'
import { refusalsOfRebuild } from './refusals.ts'

/** A plan that nobody carries out in this time is looked at again: the world has moved. */
const validForMs = 900_000

const limits = {
  fillMsPerRow: { default: 0.5, unit: 'ms', why: 'twenty times what a quiet machine takes' },
  holdMsPerRow: { default: 0.05, unit: 'ms', why: 'five times what a quiet machine takes; then the old table stays' },
  leastMs: { default: 60_000, unit: 'ms', why: 'a small table on a slow network' },
} as const

/** A node that has the table from the primary, and is compared with it in the end. */
export interface Copy {
  readonly node: string
  /** Null: a physical copy. */
  readonly subscription: string | null
}

/** What a rebuild is made from. */
export interface Rebuild {
  readonly cluster: string
  readonly schema: string
  readonly table: string
  /** Where the damaged table is, and the only node that is written. */
  readonly primary: string
  /** Whose rows are taken. */
  readonly donor: string
  /** Somebody chose the donor by name. */
  readonly chosen: boolean
  readonly facts: SwapFacts
  /** Of the donor; null where it does not have the table. */
  readonly donorFacts: SwapFacts | null
  readonly key: readonly string[]
  /** Both servers sort the key alike. */
  readonly sameOrder: boolean
  /** Rows that the comparison saw whole on both nodes and otherwise, or on the primary alone; null: it did not come to an end. */
  readonly known: { readonly onlyHere: number; readonly otherwise: number } | null
  readonly copies: readonly Copy[]
  readonly canAct: boolean
  /** An administrator has amcheck: what the donor's pages say of themselves was looked at. */
  readonly donorProblems: readonly string[]
}

export interface Making {
  readonly id: string
  readonly atMs: number
  readonly digest: (text: string) => string
}

/** The plan that makes a damaged table anew from a node that has it whole. Pure. */
export function planRebuild(what: Rebuild, { id, atMs, digest }: Making): Plan {
  const { facts, schema, table } = what
  return {
    id,
    kind: 'rebuild-table',
    subject: subject.table(what.primary, schema, table),
    cluster: what.cluster,
    basis: { fingerprint: digest(canonicalJson({ facts })), atMs, expiresMs: atMs + validForMs },
    steps: stepsOf(what, inputOf(what, id)),
    refusals: refusalsOfRebuild(what),
  }
}

const inputOf = (what: Rebuild, id: string): Readonly<Record<string, Scalar>> => ({
  schema: what.schema,
  table: what.table,
  primary: what.primary,
  donor: what.donor,
  ...rebuildNames(what.table, id),
  server: serverOf(what.facts),
  oid: what.facts.oid,
  publishes: what.facts.publishes.join(', '),
  may_go: what.known?.onlyHere ?? 0,
  may_change: what.known?.otherwise ?? 0,
})

export const serverOf = ({ systemId, database }: Pick<SwapFacts, 'systemId' | 'database'>): string =>
  `${systemId}/${database}`

function stepsOf(what: Rebuild, input: Step['input']): readonly Step[] {
  const { facts, primary, donor } = what
  const name = shownTable(what)
  const twin = shownTable({ schema: what.schema, table: String(input['twin']) })
  const kept = shownTable({ schema: what.schema, table: String(input['kept']) })
  const isPublished = facts.publishes.length > 0
  const fillMs = Math.round(Math.max(limits.leastMs.default, facts.rows * limits.fillMsPerRow.default))
  const holdMs = Math.round(Math.max(limits.leastMs.default, facts.rows * limits.holdMsPerRow.default))
  const carried = facts.carried.length === 0 ? '' : `; carried over: ${facts.carried.join(', ')}`
  const drafts: readonly (Omit<Step, 'n' | 'input'> & { readonly more?: Step['input'] })[] = [
    {
      kind: 'swap-look',
      words: `see that ${name} can be made anew, and that ${donor} has it`,
      node: primary,
      idempotent: 'yes',
      deadlineMs: 30_000,
      undo: { none: onlyRead },
    },
    {
      kind: 'twin-create',
      words: `create unlogged table ${twin} like ${name}: no publication carries it, and no standby is sent its rows yet`,
      node: primary,
      idempotent: 'yes',
      deadlineMs: 30_000,
      undo: {
        step: { kind: 'twin-drop', words: `drop table ${twin}`, node: primary, input, deadlineMs: 60_000 },
      },
    },
    {
      kind: 'twin-fill',
      words: `copy every row of ${name} from ${donor} into ${twin}, and build its indexes; where it is interrupted it starts again`,
      node: primary,
      idempotent: 'yes',
      deadlineMs: fillMs,
      undo: { none: 'it goes with step 2' },
    },
    ...(isPublished
      ? []
      : [
          {
            kind: 'twin-log',
            words: `alter table ${twin} set logged, so that the standbys have it before the swap`,
            node: primary,
            idempotent: 'yes' as const,
            deadlineMs: fillMs,
            undo: { none: 'it goes with step 2' },
          },
        ]),
    {
      kind: 'table-swap',
      words: `in one transaction, while nobody writes ${name}: compare all rows with ${donor} behind a fence, look for every row that the damaged table still shows, and change names${carried}. ${
        isPublished
          ? `Publication ${facts.publishes.join(', ')} would carry the damaged table under any name, and stop its subscribers: its readable rows are kept in the unlogged ${kept}, and itself is dropped`
          : `The damaged table is kept as ${kept}`
      }`,
      node: primary,
      idempotent: 'check-first',
      deadlineMs: holdMs,
      undo: {
        step: {
          kind: 'table-swap-back',
          words: `${kept} takes its name ${name} again, if no row was written since, and the rebuilt table is dropped`,
          node: primary,
          input,
          deadlineMs: holdMs,
        },
      },
    },
    ...(facts.validate.length === 0
      ? []
      : [
          {
            kind: 'keys-validate',
            words: facts.validate.join('; '),
            node: primary,
            idempotent: 'yes' as const,
            deadlineMs: fillMs,
            undo: { none: 'a proof changes no row' },
            more: { statements: JSON.stringify(facts.validate) },
          },
        ]),
    ...what.copies.map(({ node, subscription }) => ({
      kind: 'copy-compare',
      words: `compare all rows of ${name} on ${node} with those of ${primary}, behind a fence`,
      node,
      idempotent: 'yes' as const,
      deadlineMs: fillMs,
      undo: { none: onlyRead },
      more: { node, subscription },
    })),
  ]
  return drafts.map(({ more = {}, ...step }, index) => ({ ...step, n: index + 1, input: { ...input, ...more } }))
}
