import { coverage } from '../../guards/coverage.ts'
import { coverageText } from '../../guards/print.ts'
import outage from '../../drills/outages/0-auth-schema-update.ts'
import { duration } from '../../report/duration.ts'
import { table } from '../../report/table.ts'
import { cutTo } from '../../report/width.ts'
import { printRehearsal } from '../../gate/print.ts'
import type { Proof } from '../../core/proof.ts'
import { AntemortemError } from '../../core/error.ts'
import { defineCommand } from '../command.ts'
import { narrator } from '../demo/narrate.ts'
import { Stage } from '../demo/stage.ts'
import { wholeDrill } from '../drilling.ts'
import { knownGuards, readOutages } from '../outages.ts'
import { program } from '../program.ts'
import { stateStyle } from '../text/coverage.ts'

/** The whole loop on real servers, for one outage that a team really had. */
export default defineCommand({
  name: 'demo',
  summary: 'a past outage on real servers, beside what its team did',
  options: [{ flags: '--seed <n>', summary: 'draws names, ports and reading nodes', default: '1' }],
  example: 'antemortem demo',
  formats: ['text'],
  async run({ out, style, width, signal, options, progress, note }) {
    const startedAt = performance.now()
    const line = (text = ''): void => out.line(text)
    line(style.strong('An outage that a team had in 2024, on three real PostgreSQL servers'))
    line()
    const stage = new Stage({ line, style, width, course: outage.course })
    stage.heading('then: 5 March 2024, minutes', 'now, seconds')
    const tell = narrator(stage, style, Date.now)
    const { result, prevention, proofs } = await wholeDrill(outage, options.number('seed') ?? 1, {
      signal,
      onNews: tell,
      progress,
    })
    stage.rest()
    const { named, recovered, noticed, original } = result
    if (!named.correct || !recovered?.verified) throw unfinished()
    line()
    const facts: readonly (readonly string[])[] = [
      ['', style.strong('then'), style.strong('now')],
      ['  noticed after the first failed login', '', style.good(duration(noticed.ms ?? 0))],
      ['  cause named', `${original.toCauseMin ?? '–'} min`, style.good(duration(named.ms ?? 0))],
      ['  mended, and compared row by row', `${original.totalMin ?? '–'} min`, style.good(duration(recovered.ms))],
    ]
    for (const text of table(facts, { width, gap: 4 })) line(text)

    line()
    line(style.strong('The same migration a second time, through the gate'))
    line()
    if (prevention) {
      for (const text of printRehearsal(prevention.asMade, { style, width: width - 2 }).slice(0, 14))
        line(`  ${text}`.trimEnd())
      line()
      line(`  ${style.faint('corrected: subscriber first, table added to the publication, subscription refreshed')}`)
      for (const text of printRehearsal(prevention.corrected, { style, width: width - 2 }).slice(0, 1))
        line(`  ${text}`.trimEnd())
    }

    line()
    line(style.strong('Could it still happen?'))
    line()
    const [source] = readOutages(null, note).filter(({ id }) => id === outage.id)
    if (source) {
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
    line()
    line(
      style.faint(
        `${duration(performance.now() - startedAt)} in all. Next: antemortem drill run 0, antemortem check URL…, antemortem watch`,
      ),
    )
  },
})

const unfinished = (): AntemortemError =>
  new AntemortemError(
    'demo-unfinished',
    'the outage was not named and mended in this run',
    'The machine may be very busy: run it again, and tell us if it happens twice.',
    { exit: 3 },
  )
