import type { DrillResult } from '../../core/drill.ts'
import type { Proof } from '../../core/proof.ts'
import type { Prevention } from '../../drills/prevent.ts'
import type { Drill } from '../../drills/scene.ts'
import { printRehearsal } from '../../gate/print.ts'
import { coverage } from '../../guards/coverage.ts'
import { coverageText } from '../../guards/print.ts'
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
  })
  stage.rest()
  if (prevention) tellPrevention(prevention, telling)
  tellCoverage(drill, proofs, telling)
  return result
}

function tellPrevention({ asMade, corrected }: Prevention, { line, style, width }: Telling): void {
  line()
  line(style.strong('The same migration a second time, through the gate'))
  line()
  const printed = printRehearsal(asMade, { style, width: width - 2 })
  // The verdict and the first finding: locks and notes are for who sends it.
  const end = printed.findIndex((text, n) => n > 1 && text === '')
  for (const text of printed.slice(0, end < 0 ? printed.length : end)) line(`  ${text}`.trimEnd())
  line()
  line(`  ${style.faint('corrected: subscriber first, table added to the publication, subscription refreshed')}`)
  for (const text of printRehearsal(corrected, { style, width: width - 2 }).slice(0, 1)) line(`  ${text}`.trimEnd())
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
