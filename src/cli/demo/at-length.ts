import type { DrillResult } from '../../core/drill.ts'
import type { Proof } from '../../core/proof.ts'
import type { Prevention } from '../../drills/prevent.ts'
import type { Drill } from '../../drills/scene.ts'
import { findingLines } from '../../gate/print.ts'
import { coverage } from '../../guards/coverage.ts'
import { coverageText } from '../../guards/print.ts'
import { duration } from '../../report/duration.ts'
import { cutTo } from '../../report/width.ts'
import { wholeDrill } from '../drilling.ts'
import { knownGuards, readOutages } from '../outages.ts'
import { program } from '../program.ts'
import { stateStyle } from '../text/coverage.ts'
import { narrator } from './narrate.ts'
import { Stage } from './stage.ts'
import type { Story } from './stories.ts'
import type { Telling } from './telling.ts'

/** One outage round the whole loop: beside what its team did, mended, refused the second time, and proven. */
export async function tellAtLength(drill: Drill, { when, happens }: Story, telling: Telling): Promise<DrillResult> {
  const { line, style, width, signal, progress } = telling
  const stage = new Stage({ line, style, width, course: drill.course })
  stage.heading(`then: ${when}, minutes`, 'now, seconds')
  const { result, prevention, proofs } = await wholeDrill(drill, telling.seed, {
    signal,
    onNews: narrator(stage, { style, clock: Date.now, happens }),
    progress,
    gate: 'whole',
  })
  stage.rest()
  if (prevention) tellPrevention(prevention, telling)
  tellCoverage(drill, proofs, telling)
  return result
}

function tellPrevention({ attempts, corrected }: Prevention, { line, style, width }: Telling): void {
  line()
  line(style.strong('The same migration a second time, through the gate'))
  for (const attempt of attempts) {
    line()
    const verdict = attempt.verdict === 'block' ? style.bad('BLOCK') : style.warning(attempt.verdict ?? 'not tried')
    line(`  ${verdict} ${style.strong(attempt.by)} in ${duration(attempt.ms)}`)
    // One finding says it: locks and notes are for who sends the migration.
    const said = attempt.finding ? findingLines(attempt.finding, { style, width: width - 2 }) : [attempt.why ?? '']
    for (const text of said) line(`  ${text}`.trimEnd())
  }
  if (corrected === null) return
  line()
  line(`  ${style.faint('corrected: subscriber first, table added to the publication, subscription refreshed')}`)
  line(`  ${corrected === 'block' ? style.bad('BLOCK') : style.good(corrected.toUpperCase())} both`)
}

function tellCoverage(drill: Drill, proofs: readonly Proof[], { line, style, width, note }: Telling): void {
  const [source] = readOutages(null, note).filter(({ id }) => id === drill.id)
  if (!source) return
  line()
  line(style.strong('Could it still happen?'))
  line()
  const show = (title: string, guards: typeof source.guards, shown: readonly Proof[]): void => {
    line(`  ${style.faint(title)}`)
    const rows = coverage([{ ...source, guards }], shown, { atMs: Date.now(), program, known: knownGuards() })
    for (const text of coverageText(rows, stateStyle(style)).trimEnd().split('\n').slice(0, 2))
      line(cutTo(`  ${text}`, width))
  }
  show('before: six good intentions, none of them runs', [], [])
  line()
  show('after: the same measures, each bound to a guard that was seen to catch it', source.guards, proofs)
}
