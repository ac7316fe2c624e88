import { z } from 'zod'
import { answerOf, type Place } from '../../bench/program.ts'
import { Held } from '../../bench/repair/held.ts'
import { damageLarge, digestOfLarge, largeSize, makeLarge } from '../../bench/repair/large-table.ts'
import { areUsersEqual, spoilUsers, usersBlueprint, wrongRows } from '../../bench/repair/wrong-rows.ts'
import { Configured, grantAmcheck } from '../../src/cli/testing/damaged-lab.ts'
import { authBlueprint } from '../../src/lab/auth.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { planShape } from '../../src/shapes/plan.ts'
import type { Measured } from './parts.ts'
import { asked, repairTable, type Rebuilt, type RowsRepaired } from './repair-table.ts'

/** ANTEMORTEM_ROWS makes it a try, which says so. */
const rows = Number(process.env['ANTEMORTEM_ROWS'] ?? asked.tableRows)

/** With verify these lie beside what is to know of them. */
const rowsPlan = z.object({ plans: z.tuple([z.object({ plan: planShape })]) })
const tablePlan = z.object({ plans: z.tuple([planShape]) })
const applied = z.object({
  journal: z.array(
    z.object({ n: z.number(), phase: z.string(), atMs: z.number(), output: z.record(z.string(), z.unknown()) }),
  ),
})
type Plan = z.output<typeof planShape>

/** Rows written back, and a damaged table made anew, by the commands as a person types them. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const written = await rowsRepaired(progress)
  const rebuilt = [await rebuiltTable(false, progress), await rebuiltTable(true, progress)]
  return repairTable(written, rebuilt, rows)
}

async function rowsRepaired(progress: (words: string) => void): Promise<readonly RowsRepaired[]> {
  await using lab = await startLab(usersBlueprint())
  using place = new Configured(lab)
  const all: RowsRepaired[] = []
  for (let run = 1; run <= asked.runs; run += 1) {
    await spoilUsers(lab)
    const planned = await answerOf(place, ['verify', '--repair', 'plan', '--to', 'reports'])
    const [{ plan }] = rowsPlan.parse(planned.json).plans
    const { steps, ms } = await carriedOut(place, 'verify', plan)
    const writing = steps.filter(({ kind }) => kind === 'rows-exchange')
    const repaired = writing.reduce((sum, { output }) => sum + Number(output['rows']), 0)
    if (repaired !== wrongRows) throw new Error(`${repaired} rows were written back, not ${wrongRows}`)
    const isEqual = await areUsersEqual(lab)
    progress(`${wrongRows} rows: planned in ${planned.ms.toFixed(0)} ms, carried out in ${ms.toFixed(0)} ms`)
    all.push({ planMs: planned.ms, applyMs: ms, isEqual })
  }
  return all
}

/** Where all tables are published the damaged one cannot be kept, and the new one is logged within the swap. */
async function rebuiltTable(isPublished: boolean, progress: (words: string) => void): Promise<Rebuilt> {
  await using lab = await startLab(authBlueprint())
  await grantAmcheck(lab)
  await makeLarge(lab, rows)
  if (isPublished) await lab.rows('primary', 'create publication every_pub for all tables')
  const [size, before] = [await largeSize(lab), await digestOfLarge(lab, 'standby', rows)]
  await damageLarge(lab)
  using place = new Configured(lab)
  await using held = await Held.begin(lab, rows)
  const planned = await answerOf(place, ['integrity', '--repair', 'plan'])
  const [plan] = tablePlan.parse(planned.json).plans
  const { steps, ms } = await carriedOut(place, 'integrity', plan)
  const { writes, longestMs } = await held.stop()
  await lab.caughtUp()
  const [primary, standby] = [await digestOfLarge(lab, 'primary', rows), await digestOfLarge(lab, 'standby', rows)]
  const swap = steps.find(({ kind }) => kind === 'table-swap')
  const slowest = steps.map(({ kind, tookMs }) => `${kind} ${(tookMs / 1000).toFixed(1)} s`)
  progress(
    `table: planned in ${(planned.ms / 1000).toFixed(1)} s, carried out in ${(ms / 1000).toFixed(1)} s: ${slowest.join(', ')}`,
  )
  return {
    isPublished,
    size,
    planMs: planned.ms,
    applyMs: ms,
    steps: steps.map(({ kind, tookMs }) => ({ kind, tookMs })),
    heldMs: Number(swap?.output['held_ms']),
    waitedMs: longestMs,
    writes,
    isEqual: primary.all === standby.all && primary.unwritten === before.unwritten,
  }
}

interface Done {
  readonly kind: string
  readonly tookMs: number
  readonly output: Readonly<Record<string, unknown>>
}

async function carriedOut(
  place: Place,
  command: 'verify' | 'integrity',
  { id, steps, refusals }: Plan,
): Promise<{ readonly steps: readonly Done[]; readonly ms: number }> {
  if (refusals.length > 0) throw new Error(refusals.map(({ why }) => why).join('\n'))
  const { json, ms } = await answerOf(place, [command, '--repair', 'apply', id])
  const { journal } = applied.parse(json)
  const done = steps.map(({ n, kind }): Done => {
    const begun = journal.find((entry) => entry.n === n && entry.phase === 'begun')
    const ended = journal.find((entry) => entry.n === n && entry.phase === 'done')
    if (!begun || !ended) throw new Error(`step ${n} of ${id} was not carried out`)
    return { kind, tookMs: ended.atMs - begun.atMs, output: ended.output }
  })
  return { steps: done, ms }
}
