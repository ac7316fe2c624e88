import { existsSync, writeFileSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import { AntemortemError } from '../../core/error.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Proof } from '../../core/proof.ts'
import type { Drill } from '../../drills/scene.ts'
import { drillResultJson } from '../../shapes/drill.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { findConfig } from '../configuration.ts'
import { drillText } from '../text/drill.ts'

/** Re-enacts outages on real servers in a lab. What it proves goes into the store, for `coverage`. */
export default defineCommand({
  name: 'drill run',
  summary: 're-enact outages in a lab: noticed, named, mended, refused the second time',
  arguments: [{ name: '[ids...]', summary: 'ids as in drill list' }],
  options: [
    { flags: '--all', summary: 'every drill' },
    { flags: '--seed <n>', summary: 'draws names, ports, reading nodes and harmless changes' },
    { flags: '--bundle <out>', summary: 'write what the diagnosis used (one drill only)' },
    { flags: '--keep <dir>', summary: 'leave the lab running in this directory (one drill only)' },
  ],
  example: 'antemortem drill run 0 --seed 7',
  formats: ['text', 'json'],
  async run(context) {
    const { options, format, out, progress } = context
    const [{ drills }, { wholeDrill }] = await Promise.all([
      import('../../drills/list.generated.ts'),
      import('../drilling.ts'),
    ])
    const chosen = options.flag('all') ? drills : context.args.map((id) => drillOf(drills, id))
    if (chosen.length === 0) throw usage('no drill was named', 'Name ids of antemortem drill list, or --all.')
    const [bundleOut, keep] = [options.text('bundle'), options.text('keep')]
    if (chosen.length > 1 && (bundleOut !== null || keep !== null))
      throw usage('--bundle and --keep are for one drill', 'Name one id.')
    const seed = options.number('seed') ?? randomInt(1, 1_000_000)
    const results = []
    const proofs: Proof[] = []
    for (const drill of chosen) {
      const startedAt = performance.now()
      const say = (words: string): void =>
        progress(`${((performance.now() - startedAt) / 1000).toFixed(0)} s  ${drill.id}: ${words}`)
      const whole = await wholeDrill(drill, seed, {
        signal: context.signal,
        progress: say,
        onNews: (news) => {
          if (news.type === 'phase' || news.type === 'step') say(news.words)
        },
        ...(keep !== null && { keep }),
      })
      if (bundleOut !== null && whole.run.bundle)
        writeFileSync(bundleOut, `${canonicalJson(whole.run.bundle)}\n`, { mode: 0o600 })
      results.push(whole.result)
      proofs.push(...whole.proofs)
      for (const line of drillText(whole.result, context.style, context.width)) out.line(line)
      out.line()
    }
    await saveProofs(proofs, context)
    if (format === 'json') out.json({ drills: results.map(drillResultJson) })
    return results.every(({ named }) => named.correct) ? 0 : 1
  },
})

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
