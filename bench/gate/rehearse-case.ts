import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../src/core/configuration.ts'
import { AntemortemError } from '../../src/core/error.ts'
import type { GateVerdict } from '../../src/core/gate.ts'
import { rehearse } from '../../src/gate/rehearse.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { GateCase } from '../../test/gate-cases/case.ts'
import { outcomeOf } from './caught.ts'

/** How one case went through a rehearsal. */
export interface CaseResult {
  readonly id: string
  /** `refused`: the change cannot be rehearsed, and was said so. */
  readonly verdict: GateVerdict | 'refused'
  /** A finding with the right consequence, object and node, of warning or above; of a case that breaks nothing: it is not blocked. */
  readonly isRight: boolean
  /** Something was found, whatever it is called. */
  readonly isFound: boolean
  readonly rollback: string
  readonly ms: number
  readonly found: readonly string[]
}

/** Where the application's settings file lies while cases run. */
export interface CaseSite {
  readonly real: Lab
  readonly directory: string
}

const configOf = ({ real, directory }: CaseSite): ClusterConfig => {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'app.env')
  const { port } = real.node('primary')
  writeFileSync(
    file,
    `DATABASE_URL=postgresql://app:${real.password('app')}@127.0.0.1:${port}/auth\nDB_POOL_MAX=10\n`,
    { mode: 0o600 },
  )
  return {
    name: 'auth',
    engine: 'postgres',
    nodes: real.nodes.map(({ name }) => ({ name, url: real.url(name, 'watch'), act: null, host: null })),
    contracts: [
      {
        name: 'login',
        settings: [{ file, key: null }],
        node: 'primary',
        readOnly: false,
        reads: [
          { node: 'standby', file: null, key: null },
          { node: 'reports', file: null, key: null },
        ],
        canary: 'select id, name, password_hash from users where id < 10',
        withinMs: 2000,
        staleMs: 2000,
        outcomes: null,
      },
    ],
    fence: 'message',
    invariants: [],
  }
}

/** Sets the cluster up as the case has it, rehearses the change, and looks whether the report says what it does. */
export async function rehearseCase(site: CaseSite, one: GateCase, signal: AbortSignal): Promise<CaseResult> {
  const { real, directory } = site
  await real.reset(signal)
  for (const [node, sql] of one.given ?? []) await real.rows(node, sql)
  if (one.given !== undefined) await copied(real, signal)
  const startedMs = performance.now()
  const ms = (): number => Math.round(performance.now() - startedMs)
  try {
    const report = await rehearse({
      cluster: configOf(site),
      files: one.files,
      serving: new Set(['standby', 'reports']),
      signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
    })
    const found = report.findings.filter(({ severity }) => severity !== 'info')
    return {
      id: one.id,
      verdict: report.verdict,
      isRight: outcomeOf(one, report).isRight,
      isFound: found.length > 0,
      rollback: report.rollback,
      ms: ms(),
      found: found.map(
        (finding) =>
          `${finding.severity} ${finding.rule} [${finding.consequence}] ${finding.object} on ${finding.nodes.join(',')}: ${finding.message}`,
      ),
    }
  } catch (error) {
    if (!(error instanceof AntemortemError) || error.exit !== 2) throw error
    return {
      id: one.id,
      verdict: 'refused',
      isRight: false,
      isFound: false,
      rollback: '',
      ms: ms(),
      found: [error.message],
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Tables that a case adds are in their first copy for a moment. */
async function copied(real: Lab, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [row] = await real.rows(
      'reports',
      `select count(*)::int as n from pg_subscription_rel where srsubstate <> 'r'`,
    )
    if (row?.['n'] === 0) return
    await sleep(100, undefined, { signal })
  }
}
