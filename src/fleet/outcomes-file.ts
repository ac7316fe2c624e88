import type { OutcomesFact } from '../core/facts/cluster.ts'
import type { Observation } from '../core/observation.ts'
import { seen, unseen } from '../core/observation.ts'
import type { Outcome, Seconds } from './outcomes.ts'
import { outcomesFact, readOutcome, withOutcomes } from './outcomes.ts'
import { withReleases, type Deployment, type Releases } from './releases.ts'
import { Tail } from './tail.ts'

/** The application's own outcomes, from the file that it writes. */
export interface OutcomesFile {
  /** What the file says about the last five minutes. `baseline`: the share of failures while all was last known good. */
  poll(atMs: number, baseline: number | null): Promise<Observation<OutcomesFact>>
  /** Deployments that the lines have told of since the last time this was called. */
  takeDeployments(): readonly Deployment[]
  /** Lines that were no outcomes, so far. */
  readonly skipped: number
  close(): Promise<void>
}

/** `file:PATH` or a path. The file does not have to be there yet. */
export function openOutcomes(where: string): OutcomesFile {
  const path = where.startsWith('file:') ? where.slice('file:'.length) : where
  const tail = new Tail(path)
  let seconds: Seconds = new Map()
  let skipped = 0
  let releases: Releases = new Map()
  let deployments: readonly Deployment[] = []
  return {
    takeDeployments() {
      const taken = deployments
      deployments = []
      return taken
    },
    get skipped() {
      return skipped
    },
    async poll(atMs, baseline) {
      let lines: readonly string[]
      try {
        lines = await tail.lines()
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error
        const why = error.code === 'EACCES' ? 'no-privilege' : 'unreachable'
        return unseen(
          why,
          `cannot read ${path}: ${String(error.code)}`,
          `let the application write ${path}, and give us read access`,
        )
      }
      const outcomes: Outcome[] = []
      for (const line of lines) {
        if (line.trim() === '') continue
        const outcome = readOutcome(line)
        if (outcome) outcomes.push(outcome)
        else skipped += 1
      }
      const told = withReleases(
        releases,
        outcomes.flatMap(({ atMs: saidMs, instance, release }) =>
          release === null ? [] : [{ atMs: saidMs, instance, release }],
        ),
      )
      releases = told.known
      deployments = [...deployments, ...told.deployments]
      seconds = withOutcomes(seconds, outcomes, atMs)
      return seen(atMs, outcomesFact(seconds, baseline))
    },
    close: async () => tail.close(),
  }
}
