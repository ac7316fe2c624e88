import { existsSync, writeFileSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import type { DrillResult } from '../../core/drill.ts'
import { AntemortemError } from '../../core/error.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Proof } from '../../core/proof.ts'
import { withholdable } from '../../drills/lab-cluster.ts'
import type { Drill } from '../../drills/scene.ts'
import { seedsOf } from '../../drills/seeds.ts'
import { drillResultJson } from '../../shapes/drill.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { findConfig } from '../configuration.ts'
import type { WholeDrill } from '../drilling.ts'
import { drillLine, drillText, tallyText } from '../text/drill.ts'

/** A run whose lab did not come up is told, and the next one tried; where two in a row do not, no other will. */
const failuresInARow = 2

/** Re-enacts outages on real servers in a lab. What it proves goes into the store, for `coverage`. */
export default defineCommand({
  name: 'drill run',
  summary: 're-enact outages in a lab: noticed, named, mended, refused the second time',
  arguments: [{ name: '[ids...]', summary: 'ids as in drill list' }],
  options: [
    { flags: '--all', summary: 'every drill' },
    { flags: '--seed <n>', summary: 'draws names, ports, reading nodes and harmless changes; A..B: each of these' },
    {
      flags: '--without <what...>',
      summary: 'keep evidence from the watcher: never wrong, only less sure',
      choices: withholdable,
    },
    { flags: '--no-gate', summary: 'the outage alone: its change is not led through the gate afterwards' },
    { flags: '--bundle <out>', summary: 'write what the diagnosis used (one run only)' },
    { flags: '--keep <dir>', summary: 'leave the lab running in this directory (one run only)' },
  ],
  example: 'antemortem drill run 0 --seed 7',
  formats: ['text', 'json'],
  async run(context) {
    const { format, out, style, width } = context
    const runs = await wanted(context)
    const results: DrillResult[] = []
    const proofs: Proof[] = []
    try {
      await eachRun(runs, context, (whole) => {
        results.push(whole.result)
        proofs.push(...whole.proofs)
        // Many at once are read as a list; a single one is read.
        const lines = isSeries(runs) ? [drillLine(whole.result, style, width)] : drillText(whole.result, style, width)
        for (const line of lines) out.line(line)
        if (!isSeries(runs)) out.line()
      })
    } finally {
      // Interrupted or not: hours of work are told, and proven.
      await saveProofs(proofs, context)
      if (format === 'json') out.json({ drills: results.map(drillResultJson) })
      else if (results.length > 1) for (const line of tallyText(results, runs.length, style, width)) out.line(line)
    }
    return results.every(({ named }) => named.correct) ? 0 : 1
  },
})

interface Run {
  readonly drill: Drill
  readonly seed: number
}

const isSeries = (runs: readonly Run[]): boolean => new Set(runs.map(({ seed }) => seed)).size > 1

/** Every drill with a seed before the next seed: what is interrupted has whole seeds. */
async function wanted({ args, options }: CommandContext): Promise<readonly Run[]> {
  const { drills } = await import('../../drills/list.generated.ts')
  const chosen = options.flag('all') ? drills : args.map((id) => drillOf(drills, id))
  if (chosen.length === 0) throw usage('no drill was named', 'Name ids of antemortem drill list, or --all.')
  const text = options.text('seed')
  const seeds = text === null ? [randomInt(1, 1_000_000)] : seedsOf(text)
  if (seeds === null)
    throw usage(`--seed ${text?.slice(0, 40) ?? ''}: expected a number or a range A..B`, 'As in 1..20.')
  const runs = seeds.flatMap((seed) => chosen.map((drill) => ({ drill, seed })))
  if (runs.length > 1 && (options.has('bundle') || options.has('keep')))
    throw usage('--bundle and --keep are for one run', 'Name one id and one seed.')
  return runs
}

async function eachRun(
  runs: readonly Run[],
  context: CommandContext,
  done: (whole: WholeDrill) => void,
): Promise<void> {
  let failures = 0
  let failure: AntemortemError | null = null
  for (const [n, run] of runs.entries()) {
    try {
      const whole = await runOne(run, context, runs.length === 1 ? '' : `${n + 1} of ${runs.length}  `)
      failures = 0
      done(whole)
      if (context.format === 'json' && runs.length > 1)
        context.note(`${n + 1} of ${runs.length}  ${drillLine(whole.result, context.style, context.width)}`)
    } catch (error) {
      if (context.signal.aborted || !(error instanceof AntemortemError)) throw error
      failure = error
      failures += 1
      if (failures >= failuresInARow || runs.length === 1) throw error
      context.note(`drill ${run.drill.id} with seed ${run.seed}: ${error.message}`)
    }
  }
  if (failure) throw failure
}

async function runOne({ drill, seed }: Run, context: CommandContext, place: string): Promise<WholeDrill> {
  const { options, signal, progress } = context
  const { wholeDrill } = await import('../drilling.ts')
  const [bundleOut, keep] = [options.text('bundle'), options.text('keep')]
  const startedAt = performance.now()
  const say = (words: string): void =>
    progress(`${place}${((performance.now() - startedAt) / 1000).toFixed(0)} s  ${drill.id}: ${words}`)
  const given = options.list('without')
  const without = withholdable.filter((each) => given.includes(each))
  const whole = await wholeDrill(drill, seed, {
    signal,
    progress: say,
    // Whoever withholds evidence asks about the diagnosis.
    gate: options.flag('gate') && without.length === 0 ? 'whole' : 'none',
    onNews: (news) => {
      if (news.type === 'phase' || news.type === 'step') say(news.words)
    },
    ...(keep !== null && { keep }),
    ...(without.length > 0 && { without }),
  })
  if (bundleOut !== null && whole.run.bundle)
    writeFileSync(bundleOut, `${canonicalJson(whole.run.bundle)}\n`, { mode: 0o600 })
  return whole
}

function drillOf(drills: readonly Drill[], id: string): Drill {
  const drill = drills.find((each) => each.id === id)
  if (!drill) throw usage(`no drill '${id.slice(0, 40)}'`, `There are: ${drills.map((each) => each.id).join(', ')}.`)
  return drill
}

/** Into the configured store; without a configuration into the one that `coverage` reads by default. */
async function saveProofs(proofs: readonly Proof[], context: CommandContext): Promise<void> {
  if (proofs.length === 0) return
  const { openStore } = await import('../../store/open.ts')
  const store = await openStore(await storeUrl(context), { clock: Date.now })
  try {
    for (const proof of proofs) await store.saveProof(proof)
  } finally {
    await store.close()
  }
}

export async function storeUrl(context: CommandContext): Promise<string> {
  return existsSync(findConfig(process.cwd(), context.options.text('config')))
    ? (await context.config()).store
    : 'sqlite:antemortem.db'
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', message, hint, { exit: 2 })
