import { canonicalJson, type Scalar } from '../../core/json.ts'
import { onlyRead, type Plan, type Refusal, type Step } from '../../core/plan.ts'
import { subject } from '../../core/subject.ts'
import { checkCall, type CheckedMethod } from '../../engines/postgres/integrity/index-check.ts'
import { shown, shownTable } from '../names.ts'
import type { Making } from '../tables/rebuild.ts'

const validForMs = 900_000

const limits = {
  buildMs: { default: 3_600_000, unit: 'ms', why: 'a large index, and old transactions that it has to wait for' },
  checkMs: { default: 1_800_000, unit: 'ms', why: 'it reads the index and the table once' },
} as const

/** An index that no longer fits its table. */
export interface Reindex {
  readonly cluster: string
  readonly schema: string
  readonly index: string
  readonly primary: string
  /** `systemId/database` as the reading role sees it. */
  readonly server: string
  readonly oid: string
  readonly canAct: boolean
  /** Schema of amcheck, and how it looks into this kind of index; null where it cannot, and nothing can be proven. */
  readonly amcheck: string | null
  readonly method: CheckedMethod
  /** Physical copies whose reading role may check it there. */
  readonly copies: readonly string[]
}

/** Builds it anew beside the old one, and proves it: here, and on each standby. Pure. */
export function planReindex(what: Reindex, { id, atMs, digest }: Making): Plan {
  const { cluster, schema, index, primary } = what
  const name = shownTable({ schema, table: index })
  const input: Readonly<Record<string, Scalar>> = {
    schema,
    index,
    primary,
    server: what.server,
    oid: what.oid,
    amcheck: what.amcheck,
    method: what.method,
  }
  const drafts: readonly Omit<Step, 'n' | 'input'>[] = [
    {
      kind: 'index-rebuild',
      words: `reindex index concurrently ${name}${what.amcheck === null ? '; amcheck cannot prove it afterwards (extension, version or grant; it knows B-trees and GIN)' : ''}`,
      node: primary,
      idempotent: 'check-first',
      deadlineMs: limits.buildMs.default,
      undo: { none: 'the old index did not fit its table: nobody wants it back' },
    },
    ...(what.amcheck === null
      ? []
      : [primary, ...what.copies].map((node) => ({
          kind: 'index-check',
          words: `select ${checkCall(shown(what.amcheck ?? ''), name, what.method)}`,
          node,
          idempotent: 'yes' as const,
          deadlineMs: limits.checkMs.default,
          undo: { none: onlyRead },
        }))),
  ]
  const refusals: readonly Refusal[] = what.canAct
    ? []
    : [
        {
          id: 'act-missing',
          why: `${primary} has no acting role: give nodes.${primary} an act: URL`,
          evidence: { node: primary },
        },
      ]
  return {
    id,
    kind: 'reindex',
    subject: subject.index(primary, schema, index),
    cluster,
    basis: { fingerprint: digest(canonicalJson(input)), atMs, expiresMs: atMs + validForMs },
    steps: drafts.map((step, n) => ({ ...step, n: n + 1, input: { ...input, node: step.node } })),
    refusals,
  }
}
