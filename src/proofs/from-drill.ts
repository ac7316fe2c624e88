import type { DrillResult } from '../core/drill.ts'
import type { Stage } from '../core/outage.ts'
import type { Proof } from '../core/proof.ts'
import type { Prevention } from '../drills/prevent.ts'
import type { DrillRun } from '../drills/run.ts'
import type { Drill } from '../drills/scene.ts'

export interface Shown {
  readonly drill: Drill
  readonly run: Pick<DrillRun, 'judgement' | 'artefact'>
  readonly result: DrillResult
  readonly prevention: Prevention | null
}

/**
 * What one run has shown, a proof for each stage whose guard was at work. The harm without a guard is the outage itself: the
 * application's own failed logins in this very run. Pure.
 */
export function proofsOf({ drill, run, result, prevention }: Shown, atMs: number, program: string): readonly Proof[] {
  const harmWithout = run.judgement.harmMs !== null
  const { named, recovered } = result
  // Others may have noticed it as well, and earlier: a guard is proven by what it saw itself.
  const detected = run.judgement.caughtBy.find(({ check }) => `check:${check}` === drill.guards.detect)
  const isShown = prevention?.isWhole === true && prevention.attempts.every(({ verdict }) => verdict !== null)
  const stopper = prevention?.attempts.find(({ stopped, rule }) => stopped && `gate:${rule}` === drill.guards.prevent)
  const caught: Readonly<
    Record<Stage, { readonly ok: boolean; readonly figures: Proof['figures']; readonly artefact: string | null }>
  > = {
    prevent: {
      ok: prevention?.prevented !== undefined && stopper !== undefined,
      figures: { ms: stopper?.ms ?? null, corrected: prevention?.corrected ?? null },
      // What was not tried, or could not be tried here, has shown nothing.
      artefact: isShown ? (prevention?.artefact ?? null) : null,
    },
    detect: {
      ok: detected !== undefined,
      figures: { ms: detected?.ms ?? null },
      artefact: run.artefact,
    },
    diagnose: { ok: named.correct, figures: { ms: named.ms, cause: named.cause }, artefact: run.artefact },
    recover: {
      ok: recovered?.verified ?? false,
      figures: { ms: recovered?.ms ?? null },
      artefact: run.artefact,
    },
  }
  return (['prevent', 'detect', 'diagnose', 'recover'] as const).flatMap((cell) => {
    const guard = drill.guards[cell]
    const { ok, figures, artefact } = caught[cell]
    // A stage that was not at work in this run has shown nothing, for or against.
    if (guard === undefined || artefact === null) return []
    return [
      {
        guard,
        outage: drill.id,
        cell,
        atMs,
        how: cell === 'prevent' ? ('rehearsal' as const) : ('drill' as const),
        harmWithout,
        caughtWith: ok,
        figures,
        artefact,
        program,
        ok: ok && harmWithout,
      },
    ]
  })
}
