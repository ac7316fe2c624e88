import { AntemortemError } from '../../core/error.ts'
import type { DrillResult } from '../../core/drill.ts'
import { drills } from '../../drills/list.generated.ts'
import { duration } from '../../report/duration.ts'
import { wrap } from '../../report/wrap.ts'
import { defineCommand } from '../command.ts'
import { tellAtLength } from '../demo/at-length.ts'
import { tellInBrief } from '../demo/in-brief.ts'
import { outcomeText } from '../demo/outcome.ts'
import { stories, type Story } from '../demo/stories.ts'

/** Outages that teams really had, on real servers: the first round the whole loop, the others to their causes. */
export default defineCommand({
  name: 'demo',
  summary: 'five past outages on real servers, beside what their teams did',
  options: [{ flags: '--seed <n>', summary: 'draws names, ports and reading nodes', default: '1' }],
  example: 'antemortem demo',
  formats: ['text'],
  async run({ out, style, width, signal, options, progress, note }) {
    const startedAt = performance.now()
    const line = (text = ''): void => out.line(text)
    const telling = { line, style, width, signal, progress, note, seed: options.number('seed') ?? 1 }
    line(style.strong('Five outages that teams had in 2023 and 2024, on three real PostgreSQL servers'))
    const told: { readonly story: Story; readonly result: DrillResult }[] = []
    for (const story of stories) {
      const drill = drills.find(({ id }) => id === story.id)
      if (!drill) continue
      line()
      for (const text of wrap(style.strong(`Outage ${drill.id}: ${drill.title}`), width)) line(text)
      line()
      const result = await (told.length === 0 ? tellAtLength : tellInBrief)(drill, story, telling)
      told.push({ story, result })
    }
    line()
    line(style.strong('All five'))
    line()
    for (const text of outcomeText(told, { style, width })) line(text)
    line()
    const missed = told.filter(({ result }) => !result.named.correct).map(({ story }) => story.id)
    const took = duration(performance.now() - startedAt)
    for (const text of wrap(
      `${told.length - missed.length} of ${told.length} named right, ${took} in all. Next: antemortem drill run 0, antemortem check URL…, antemortem watch`,
      width,
    ))
      line(style.faint(text))
    if (told[0]?.result.recovered?.verified !== true || missed.length > 0) throw unfinished(missed)
  },
})

const unfinished = (missed: readonly string[]): AntemortemError =>
  new AntemortemError(
    'demo-unfinished',
    missed.length === 0
      ? 'the first outage was not mended in this run'
      : `in this run the cause was not named right: outage ${missed.join(', ')}`,
    'The machine may be very busy: run it again, and tell us if it happens twice.',
    { exit: 3 },
  )
