import { caseOf, touched } from '../../../test/builders.ts'
import type { Case, DiagnosedCause } from '../../core/diagnosis.ts'
import type { Scalar } from '../../core/json.ts'
import type { Plan } from '../../core/plan.ts'
import { planRemedy } from '../plan.ts'

/** What a diagnosis says of a table that is on both nodes and carried by nothing. */
export const causeOf = (facts: Readonly<Record<string, Scalar>> = {}): DiagnosedCause => ({
  id: 'replication/publication-incomplete',
  subject: 'primary:publication pub:public.user_credentials',
  verdict: 'confirmed',
  evidence: [{ words: 'no table', node: 'primary', source: 'pg_publication_tables', values: { rows: 0 } }],
  explains: [],
  remedy: {
    words: 'Have it carried.',
    commands: [],
    plan: {
      kind: 'publish-table',
      facts: {
        schema: 'public',
        table: 'user_credentials',
        publication: 'pub',
        subscription: 'sub',
        publisher: 'primary',
        subscriber: 'subscriber',
        gap: 'not-in-publication',
        ...facts,
      },
    },
  },
})

export interface PlanWishes {
  readonly id?: string
  readonly table?: string
  /** Counted on the subscriber; null: nobody has. */
  readonly rows?: number | null
  readonly facts?: Readonly<Record<string, Scalar>>
  readonly case?: Partial<Case>
}

/** The plan of a table that is empty on the subscriber. */
export function planOf({
  id = 'p-1',
  table = 'user_credentials',
  rows = 0,
  facts = {},
  ...more
}: PlanWishes = {}): Plan {
  const c = caseOf(more.case)
  const node = typeof facts['subscriber'] === 'string' ? facts['subscriber'] : 'subscriber'
  const compared = [touched(table, { node, nodeRows: rows })]
  const snapshot = {
    ...c.snapshot,
    facts: { ...c.snapshot.facts, touched: { seen: true as const, atMs: c.atMs, value: compared } },
  }
  const plan = planRemedy(causeOf({ table, ...facts }), { ...c, snapshot }, { id, digest: (text) => `${text.length}` })
  if (!plan) throw new Error('this cause has no plan')
  return plan
}
