import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RoleCpu } from '../../bench/verify-load/role-cpu.ts'
import { Verifying, type Report } from '../../bench/verify-load/verifying.ts'
import { writtenPerSecond } from '../../bench/verify-load/writers.ts'
import { largeBlueprint, makeSales } from '../../bench/verify/sales.ts'
import { Configured } from '../../src/cli/testing/damaged-lab.ts'
import { AntemortemError } from '../../src/core/error.ts'
import type { Blueprint } from '../../src/lab/blueprint.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { postmasterPid } from '../../src/lab/postmaster.ts'
import { startLab } from '../../src/lab/start-lab.ts'
import { KeptFigures, type Kept } from './kept-figures.ts'
import { digestOf, parts, type Measured } from './parts.ts'
import { asked, loadTable } from './verify-load-table.ts'

/** ANTEMORTEM_ROWS, ANTEMORTEM_PAIRS and ANTEMORTEM_SECONDS make it a try, which says so. */
const rows = Number(process.env['ANTEMORTEM_ROWS'] ?? asked.rows)
const pairs = Number(process.env['ANTEMORTEM_PAIRS'] ?? asked.pairs)
const seconds = Number(process.env['ANTEMORTEM_SECONDS'] ?? asked.seconds)

interface Ground {
  readonly lab: Lab
  readonly place: Configured
}

/** Who is at work in a window. */
interface Players {
  readonly verify: boolean
  readonly writers: boolean
}

/** What one window took; without verify there are no reports, and its share of a core is nothing. */
interface Window {
  /** Of the writers. */
  readonly perSecond: number
  readonly cores: Readonly<Record<string, number>>
  readonly presence: number
  readonly ends: number
  readonly reports: readonly Report[]
}

/** Writers who write as fast as they can, without verify and with it, in turns; a finished pair is kept below .cache. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const root = resolve(import.meta.dirname, '../..')
  const sources = digestOf(root, parts.find(({ name }) => name === 'verify-load')?.speaksOf ?? [])
  const kept = new KeptFigures(`verify-load-${sources}-${rows}-${seconds}`)
  const lab = await startLab(undisturbed())
  try {
    await makeSales(lab, rows, progress)
    await lab.rows('primary', 'checkpoint')
    using place = new Configured(lab, { act: false })
    const ground = { lab, place }
    // The first fills caches, Node's of what it compiled among them.
    await look(ground, { verify: true, writers: true })
    const taken: Kept[] = []
    for (let n = 1; n <= pairs; n += 1) taken.push(await kept.take(`pair ${n}`, async () => pair(ground, n, progress)))
    const alone: Kept[] = []
    for (let n = 1; n <= asked.alone; n += 1)
      alone.push(
        await kept.take(`alone ${n}`, async () => {
          const window = verified(await look(ground, { verify: true, writers: false }))
          progress(`alone ${n}: ${inWords(window)}`)
          return window
        }),
      )
    const nodes = lab.nodes.map(({ name }) => name)
    return loadTable({ pairs: taken, alone }, { nodes, rows, seconds })
  } finally {
    await lab.close()
  }
}

/** What a server does at times of its own would be on the bill of whoever is at work then. */
function undisturbed(): Blueprint {
  const blueprint = largeBlueprint()
  const settings = { autovacuum: 'off', checkpoint_timeout: '1h' }
  return {
    ...blueprint,
    nodes: blueprint.nodes.map((node) => ({ ...node, settings: { ...node.settings, ...settings } })),
  }
}

/** Which of the two comes first changes from pair to pair: what grows with time is on neither's side. */
async function pair(ground: Ground, n: number, progress: (words: string) => void): Promise<Kept> {
  const isVerifiedFirst = n % 2 === 0
  const first = await look(ground, { verify: isVerifiedFirst, writers: true })
  const second = await look(ground, { verify: !isVerifiedFirst, writers: true })
  const [without, beside] = isVerifiedFirst ? [second, first] : [first, second]
  const { figures, words } = verified(beside)
  const kept = { figures: { ...figures, without: without.perSecond, with: beside.perSecond }, words }
  progress(
    `pair ${n}: ${without.perSecond.toFixed(0)} transactions a second, with verify ${beside.perSecond.toFixed(0)}; ${inWords(kept)}`,
  )
  return kept
}

/** What verify used and did in a window; words are rows that it named wrongly: nothing is wrong here. */
function verified({ cores, presence, ends, reports }: Window): Kept {
  const tables = reports.flatMap((report) =>
    report.pairs.flatMap(({ follows, tables: compared }) => compared.map((table) => ({ ...table, follows }))),
  )
  const rowsOf = (kind: string): number =>
    tables.reduce((sum, table) => sum + (table.follows === kind ? table.rows : 0), 0)
  return {
    figures: {
      ...Object.fromEntries(Object.entries(cores).map(([name, share]) => [`cores ${name}`, share])),
      presence,
      ends,
      'rows physical': rowsOf('physical'),
      'rows logical': rowsOf('logical'),
      chunks: tables.reduce((sum, { chunks }) => sum + chunks, 0),
    },
    words: tables.flatMap(({ table, follows, differing }) =>
      differing.map(({ key, kind }) => `${follows} ${table} ${kind} ${key.join('|')}`),
    ),
  }
}

const inWords = ({ figures }: Kept): string =>
  Object.entries(figures)
    .flatMap(([name, value]) => (name.startsWith('cores ') ? [`${name.slice(6)} ${(value * 100).toFixed(1)} %`] : []))
    .join(', ') + ` of a core, ${figures['rows physical']} and ${figures['rows logical']} rows compared`

async function look({ lab, place }: Ground, { verify, writers }: Players): Promise<Window> {
  await settled(lab)
  await using verifying = verify ? await Verifying.begin(lab, place, asked.load) : null
  const servers = lab.nodes.map(({ name, dataDir }) => ({ name, postmaster: postmasterPid(dataDir) ?? 0 }))
  // Nobody else has the reading role here.
  using cpu = new RoleCpu(servers, lab.blueprint.logins.watch)
  const before = servers.map(({ name }) => cpu.ms(name))
  const startedAt = performance.now()
  const perSecond = writers ? await writtenPerSecond(lab, { rows, seconds, dir: place.dir }) : 0
  if (!writers) await sleep(1000 * seconds)
  const passedMs = performance.now() - startedAt
  const cores = servers.map(({ name }, n) => [name, (cpu.ms(name) - (before[n] ?? 0)) / passedMs] as const)
  const { presence } = cpu
  const ends = verifying?.ends ?? 0
  return { perSecond, cores: Object.fromEntries(cores), presence, ends, reports: (await verifying?.stop()) ?? [] }
}

/** No window begins with what the last one left to its followers; a subscriber applies in one process, and may be late. */
async function settled(lab: Lab): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      await lab.caughtUp()
      return
    } catch (error) {
      const isLate = error instanceof AntemortemError && error.code === 'lab-timeout'
      if (!isLate || tries === 10) throw error
    }
}
