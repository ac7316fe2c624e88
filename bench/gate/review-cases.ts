import type { ClusterConfig } from '../../src/core/configuration.ts'
import type { Login } from '../../src/gate/review/input.ts'
import type { ReviewReport } from '../../src/core/gate.ts'
import { review } from '../../src/gate/review/review.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { faultCases, harmlessCases } from '../../test/gate-cases/all.ts'
import type { GateCase } from '../../test/gate-cases/case.ts'
import { outcomeOf, type Outcome } from './caught.ts'

const asked = { logins: [], failOn: 'error', today: '2026-01-01' } as const

const filesOf = ({ files }: GateCase, lab: Lab | null): readonly { name: string; text: string; before: null }[] =>
  files.map(({ name, text }) => ({
    name,
    text: text.replaceAll(/\{(\w+)\}/g, (_, node: string) => (lab === null ? `${node}:5432` : placeOf(lab, node))),
    before: null,
  }))

const placeOf = (lab: Lab, node: string): string => `${lab.node(node).host}:${lab.node(node).port}`

/** Every case by its text alone. */
export async function reviewTexts(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const of of [...faultCases, ...harmlessCases]) outcomes.push(outcomeOf(of, await reviewed(of, null, null)))
  return outcomes
}

/** Every case with its cluster: real servers, set up as the case says, read by the reading role. */
export async function reviewWithCluster(progress: (words: string) => void, only?: RegExp): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const lab = await startLab(authBlueprint())
  try {
    for (const of of [...faultCases, ...harmlessCases]) {
      if (only && !only.test(of.id)) continue
      await lab.reset()
      for (const [node, sql] of of.given ?? []) await lab.rows(node, sql)
      const outcome = outcomeOf(of, await reviewed(of, lab, configOf(lab)))
      progress(`${of.id} ${outcome.isRight ? 'right' : 'NOT RIGHT'}: ${outcome.verdict}`)
      outcomes.push(outcome)
    }
  } finally {
    await lab.close()
  }
  return outcomes
}

async function reviewed(of: GateCase, lab: Lab | null, cluster: ClusterConfig | null): Promise<ReviewReport> {
  const files = filesOf(of, lab)
  return review({
    ...asked,
    files,
    cluster,
    logins: lab === null ? [] : loginsOf(lab),
    signal: AbortSignal.timeout(60_000),
  })
}

const configOf = (lab: Lab): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null })),
  contracts: [],
  fence: 'message',
  invariants: [],
})

/** The application's, as its contract would say it. */
const loginsOf = (lab: Lab): readonly Login[] => [
  {
    who: 'contract login',
    role: lab.blueprint.logins.app,
    database: lab.blueprint.database,
    address: '127.0.0.1',
    tls: null,
    node: 'primary',
  },
]
