import { setTimeout as sleep } from 'node:timers/promises'
import type { Accepted } from '../../core/accepted.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { ContractFact } from '../../core/facts/cluster.ts'
import { AntemortemError } from '../../core/error.ts'
import { openStore } from '../../store/open.ts'
import { Watch } from '../../watch/watch.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { catalogue } from '../program.ts'

const longestMs = 15_000

/** What a person knows to be good is what everything is compared with from now on. */
export default defineCommand({
  name: 'accept',
  summary: 'the present settings, access rules and settings files are the last known good',
  options: [
    { flags: '--cluster <name>', summary: 'only this cluster' },
    { flags: '--force', summary: 'even while a contract fails' },
  ],
  example: 'antemortem accept',
  formats: ['text', 'json'],
  async run(context) {
    const configuration = await context.config({ needs: 'url' })
    const clusters = chosenClusters(configuration, context.options.text('cluster'))
    const looks = []
    for (const cluster of clusters) looks.push({ cluster, ...(await look(cluster, context)) })
    const failing = looks.flatMap((each) => each.failing)
    if (failing.length > 0 && !context.options.flag('force')) return refuse(failing, context)
    const store = await openStore(configuration.store, { clock: Date.now })
    try {
      for (const { cluster, accepted } of looks)
        await store.saveLastGood(cluster.name, { atMs: accepted.fact.atMs, fingerprint: accepted })
    } finally {
      await store.close()
    }
    if (context.format === 'json')
      context.out.json({
        accepted: looks.map(({ cluster, accepted }) => ({ cluster: cluster.name, ...words(accepted) })),
      })
    else
      for (const { cluster, accepted } of looks) {
        const { nodes, settings, files } = words(accepted)
        context.out.line(
          `${context.style.good('accepted')}  ${cluster.name}: ${settings} settings of ${nodes.join(', ')}; ${files.length === 0 ? 'no settings file' : files.join(', ')}`,
        )
      }
    return 0
  },
})

/** One look, long enough for every node, every contract and every settings file. */
async function look(
  cluster: ClusterConfig,
  { signal, progress }: CommandContext,
): Promise<{ readonly accepted: Accepted; readonly failing: readonly ContractFact[] }> {
  const ended = new AbortController()
  const watch = await Watch.open(cluster, {
    catalogue: { ...catalogue({}), checks: [], causes: [] },
    clock: Date.now,
    signal: AbortSignal.any([signal, ended.signal]),
    append: () => Promise.resolve([]),
    onEvent: () => undefined,
  })
  const running = watch.run()
  try {
    const endMs = performance.now() + longestMs
    while (!watch.judged || !watch.acceptable) {
      progress(`looking at ${cluster.name}`)
      await Promise.race([sleep(100, undefined, { signal }), running])
      signal.throwIfAborted()
      if (performance.now() > endMs) throw notSeen(cluster.name)
    }
    const { snapshot } = watch.judged.case
    if (snapshot.nodes.some(({ facts: { settings } }) => !settings.seen && settings.why !== 'named-twice'))
      throw notSeen(cluster.name)
    const { contracts } = snapshot.facts
    return { accepted: watch.acceptable, failing: contracts.seen ? contracts.value.filter(({ ok }) => !ok) : [] }
  } finally {
    ended.abort()
    await running
    await watch.close('accepted')
  }
}

function refuse(failing: readonly ContractFact[], { format, out, style }: CommandContext): 1 {
  const list = failing.map(({ contract, instance, node, layer, message }) => ({
    contract,
    instance,
    node,
    layer,
    message,
  }))
  if (format === 'json') out.json({ accepted: [], failing: list })
  else {
    out.line(`${style.bad('refused')}  a contract fails now, and what fails is not what is good:`)
    for (const { contract, instance, node, layer, message } of list)
      out.line(`  ${contract}:${instance} → ${node}: ${layer ?? 'settings'}: ${message ?? ''}`)
    out.line(
      `Mend it first (${style.name('antemortem diagnose')}), or accept it as it is: ${style.name('antemortem accept --force')}`,
    )
  }
  return 1
}

const words = ({ fact, files }: Accepted) => ({
  at: new Date(fact.atMs).toISOString(),
  nodes: fact.nodes.map(({ node }) => node),
  settings: Math.max(0, ...fact.nodes.map(({ settings }) => Object.keys(settings ?? {}).length)),
  files: Object.keys(files),
})

const notSeen = (cluster: string): AntemortemError =>
  new AntemortemError(
    'nothing-seen',
    `not every node of ${cluster} and its settings were seen in ${longestMs / 1000} s`,
    'antemortem check says what cannot be reached or seen.',
  )
