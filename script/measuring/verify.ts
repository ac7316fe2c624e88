import { resolve } from 'node:path'
import { compared, digestsMs, foundIn, sumOf } from '../../bench/verify/compared.ts'
import { Counted } from '../../bench/verify/counted.ts'
import { hashCosts, makeMix } from '../../bench/verify/hash-cost.ts'
import { inject, injected } from '../../bench/verify/injected.ts'
import { largeBlueprint, makeSales } from '../../bench/verify/sales.ts'
import { Writing } from '../../bench/verify/writing.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { swapPage } from '../../src/rows/testing/swap-page.ts'
import { KeptFigures, type Kept } from './kept-figures.ts'
import { digestOf, parts, type Measured } from './parts.ts'

/** Asked of the whole measurement; with fewer it is a try, and says so. */
const asked = { rows: 5_000_000, runs: 10, delayMs: 3000 }
const rows = Number(process.env['ANTEMORTEM_ROWS'] ?? asked.rows)
const runs = Number(process.env['ANTEMORTEM_RUNS'] ?? asked.runs)
const perSecond = Number(process.env['ANTEMORTEM_WRITES'] ?? 150)
const kinds = ['physical', 'logical'] as const
const never = new AbortController().signal

interface Ground {
  readonly lab: Lab
  readonly kept: KeptFigures
  readonly progress: (words: string) => void
}

/** The engine of comparison on a primary, its standby and a subscriber: what it costs, and what it sees. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const root = resolve(import.meta.dirname, '../..')
  const sources = digestOf(root, parts.find(({ name }) => name === 'verify')?.speaksOf ?? [])
  const kept = new KeptFigures(`verify-${sources}-${rows}`)
  const lab = await startLab(largeBlueprint())
  try {
    const ground = { lab, kept, progress }
    if (!kept.has('hash')) await makeMix(lab, Math.min(rows, 500_000))
    const hash = await kept.take('hash', async () => hashed(ground))
    await makeSales(lab, rows, progress)
    const clean = await kept.take('clean', async () => cleanPair(ground))
    const single = await kept.take('single', async () => singleRow(ground, clean))
    const quiet = await underWrites(ground)
    const seen = await kept.take('injected', async () => injectedSeen(ground))
    return tableOf({ hash, clean, single, quiet, seen })
  } finally {
    await lab.close()
  }
}

async function hashed({ lab, progress }: Ground): Promise<Kept> {
  await using counted = await Counted.open(lab, never)
  const costs = await hashCosts(counted.reader('primary'), async () => counted.cpuMs('primary'), never)
  progress([...costs].map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', '))
  return { figures: Object.fromEntries(costs), words: [] }
}

/** Nobody writes; each pair twice, the first time to fill the caches. */
async function cleanPair({ lab, progress }: Ground): Promise<Kept> {
  await using counted = await Counted.open(lab, never)
  const figures: Record<string, number> = {}
  for (const kind of kinds) {
    const warm = await compared(counted, kind, 'sales', never)
    const all: { cpu: number; digests: number }[] = []
    let last = warm
    for (let n = 0; n < 3; n += 1) {
      last = await compared(counted, kind, 'sales', never)
      const digests = await digestsMs(counted, counted.pair(kind), 'sales', last.verdicts, never)
      all.push({ cpu: last.cpuMs, digests })
    }
    const chunks = last.verdicts.length
    const sum = (of: 'cpu' | 'digests'): number => all.reduce((total, each) => total + each[of], 0)
    figures[`${kind} ratio`] = sum('cpu') / sum('digests')
    figures[`${kind} chunks`] = chunks
    figures[`${kind} a chunk`] = last.ofRows / chunks
    figures[`${kind} beside`] = last.statements - 3 * chunks
    figures[`${kind} ms`] = last.ms
    figures[`${kind} unequal`] = sumOf(last.verdicts, ({ verdict }) => (verdict === 'consistent' ? 0 : 1))
    progress(
      `clean ${kind}: ${sum('cpu').toFixed(0)} ms of CPU, ${sum('digests').toFixed(0)} in digests, ${chunks} chunks`,
    )
  }
  return { figures, words: [] }
}

/** One row somewhere in the middle: statements beyond three for each chunk and those of a clean pair. */
async function singleRow({ lab, progress }: Ground, clean: Kept): Promise<Kept> {
  await using counted = await Counted.open(lab, never)
  const id = Math.floor(rows * 0.61)
  const change = async (by: string): Promise<unknown> =>
    lab.rows(
      'reports',
      `set session_replication_role = replica; update sales set amount = amount ${by} 1 where id = ${id}`,
    )
  await change('+')
  const { verdicts, statements } = await compared(counted, 'logical', 'sales', never)
  await change('-')
  const extra = statements - 3 * verdicts.length - (clean.figures['logical beside'] ?? 0)
  progress(`one row among ${rows}: ${extra} statements to find it`)
  return { figures: { extra, found: foundIn(verdicts).join() === `${id} changed amount` ? 1 : 0 }, words: [] }
}

interface Quiet {
  readonly runs: readonly Kept[]
}

/** Nothing is wrong, much is written, and the standby is seconds behind. */
async function underWrites(ground: Ground): Promise<Quiet> {
  const { lab, kept, progress } = ground
  lab.setConf('standby', { recovery_min_apply_delay: `${asked.delayMs}ms`, hot_standby_feedback: 'off' })
  lab.reload('standby')
  const all: Kept[] = []
  for (let run = 1; run <= runs; run += 1)
    all.push(
      await kept.take(`run ${run}`, async () => {
        await using writing = await Writing.start(lab, { rows, perSecond })
        const figures: Record<string, number> = {}
        const words: string[] = []
        await using counted = await Counted.open(lab, never)
        for (const kind of kinds)
          for (const table of ['sales', 'hot', 'bag']) {
            if (table === 'bag' && kind === 'physical') continue
            const { verdicts, ms } = await compared(counted, kind, table, never)
            const count = (verdict: string): number => verdicts.filter((each) => each.verdict === verdict).length
            words.push(...foundIn(verdicts).map((row) => `${kind} ${table}: ${row}`))
            figures[`${kind} ${table} ms`] = ms
            figures[`${kind} ${table} chunks`] = verdicts.length
            figures[`${kind} ${table} consistent`] = count('consistent')
            figures[`${kind} ${table} divergent`] = count('divergent')
            figures[`${kind} ${table} unsettled`] = sumOf(verdicts, ({ unsettled }) => unsettled)
            figures[`${kind} ${table} conflicts`] = sumOf(verdicts, ({ conflicts }) => conflicts)
          }
        figures['writes'] = writing.perSecond()
        progress(
          `run ${run}: ${words.length} alarms at ${figures['writes']} writes a second, ` +
            kinds.map((kind) => `${kind} ${((figures[`${kind} sales ms`] ?? 0) / 1000).toFixed(0)} s`).join(', '),
        )
        return { figures, words }
      }),
    )
  lab.setConf('standby', { recovery_min_apply_delay: '0' })
  lab.reload('standby')
  return { runs: all }
}

/** Every divergence at once, while the rest of the tables is written. */
async function injectedSeen({ lab, progress }: Ground): Promise<Kept> {
  const all = injected(rows)
  await inject(lab, all)
  await swapPage(lab, {
    table: 'lost',
    into: 'old page',
    change: async () => lab.rows('primary', `insert into lost values (21, 'acknowledged')`),
    close: async () => undefined,
  })
  await using writing = await Writing.start(lab, { rows, perSecond })
  await using counted = await Counted.open(lab, never)
  const tables = [...new Set(all.map(({ table }) => table))]
  const missed: string[] = []
  let found = 0
  let wrong = 0
  for (const table of tables) {
    const seen = new Set(foundIn((await compared(counted, 'logical', table, never)).verdicts))
    for (const { kind, found: expected } of all.filter((each) => each.table === table))
      if (expected.every((row) => seen.has(row))) found += 1
      else missed.push(kind)
    const expected = new Set(all.filter((each) => each.table === table).flatMap((each) => each.found))
    wrong += [...seen].filter((row) => !expected.has(row)).length
  }
  const lost = foundIn((await compared(counted, 'physical', 'lost', never)).verdicts)
  if (lost.join() === '21 missing') found += 1
  else missed.push('lost page of a standby')
  const physical = foundIn((await compared(counted, 'physical', 'sales', never)).verdicts)
  wrong += physical.length
  progress(
    `${found} of ${all.length + 1} kinds found at ${writing.perSecond()} writes a second, ${wrong} rows wrongly named`,
  )
  return { figures: { kinds: all.length + 1, found, wrong, writes: writing.perSecond() }, words: missed }
}

interface Taken {
  readonly hash: Kept
  readonly clean: Kept
  readonly single: Kept
  readonly quiet: Quiet
  readonly seen: Kept
}

function tableOf({ hash, clean, single, quiet, seen }: Taken): Measured {
  const of = ({ figures }: Kept, name: string): number => figures[name] ?? Number.NaN
  const exact = of(hash, 'exact')
  const alarms = quiet.runs.flatMap(({ words }) => words)
  const total = (name: string): number => quiet.runs.reduce((sum, run) => sum + of(run, name), 0)
  const worst = (name: string): number => Math.max(...kinds.map((kind) => of(clean, `${kind} ${name}`)))
  const lines: readonly (readonly [what: string, value: string, target: string, met: boolean])[] = [
    atMost('exact hash of a row, in readings of all columns', exact / of(hash, 'all columns'), 8),
    atMost('the same, in `hashtextextended(t::text)`', exact / of(hash, 'hashtextextended(t::text)'), 0.5),
    atMost('a clean pair, in the sum of its chunk queries', worst('ratio'), 1.25),
    atMost('statements a chunk', worst('a chunk'), 3),
    atMost(`statements to find one row among ${rows.toLocaleString('en')}`, of(single, 'extra'), 40),
    [`rows wrongly named in ${runs} runs under writes`, String(alarms.length), '0', alarms.length === 0],
    [
      'injected divergences found, of as many kinds',
      `${of(seen, 'found')} of ${of(seen, 'kinds')}`,
      'all, at least 30',
      of(seen, 'found') === of(seen, 'kinds') && of(seen, 'kinds') >= 30 && of(seen, 'wrong') === 0,
    ],
  ]
  const isWhole = rows >= asked.rows && runs >= asked.runs
  return {
    header: ['what', 'measured', 'asked', ''],
    rows: lines.map(([what, value, target, met]) => [what, value, target, met ? 'met' : '**missed**']),
    notes: [
      `CPU of the servers' backends, on a primary, a physical standby and a logical subscriber with ${rows.toLocaleString('en')} rows of 16 columns each${isWhole ? '' : '; a try, with fewer rows or runs than asked'}.`,
      `Beside the exact hash (${exact.toFixed(0)} ms): by what is sent, where two servers hash otherwise, ${(of(hash, 'exact, by what is sent') / exact).toFixed(1)} times as much; \`md5(t::text)\` ${(of(hash, 'md5(t::text)') / exact).toFixed(1)} times.`,
      `Under writes: the standby ${asked.delayMs / 1000} s behind, ${(total('writes') / Math.max(1, quiet.runs.length)).toFixed(0)} transactions a second; ${total('physical sales conflicts')} statements were cancelled there and asked again, ${total('physical sales unsettled') + total('logical sales unsettled')} rows of \`sales\` changed faster than they could be compared.`,
      ...(alarms.length > 0 ? [`Wrongly named: ${alarms.slice(0, 10).join('; ')}.`] : []),
      ...(seen.words.length > 0 ? [`Not found: ${seen.words.join('; ')}.`] : []),
    ],
    met: lines.every(([, , , met]) => met),
  }
}

const atMost = (what: string, value: number, most: number): readonly [string, string, string, boolean] => [
  what,
  value.toFixed(2),
  `≤ ${Number(most.toFixed(2))}`,
  value <= most,
]
