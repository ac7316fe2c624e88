import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../core/event.ts'
import { AntemortemError } from '../../core/error.ts'
import { eventJson } from '../../shapes/event.ts'
import { endedMutes } from '../../findings/mute.ts'
import { endedText } from '../check/ended.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand } from '../command.ts'
import { keepMemorySmall } from '../small-memory.ts'
import { eventText } from '../text/event.ts'

/** The daemon in the foreground: samples every second, findings, incidents, diagnosis. It acts on nothing. */
export default defineCommand({
  name: 'watch',
  summary: 'look every second; open incidents, name causes',
  arguments: [{ name: '[urls...]', summary: 'addresses of the nodes; without them the configuration is read' }],
  options: [
    { flags: '--for <duration>', summary: 'end by itself this long after watch.started, e.g. 60s' },
    { flags: '--cluster <name>', summary: 'only this cluster' },
  ],
  example: 'antemortem watch --for 60s --format json',
  formats: ['text', 'json'],
  endless: true,
  async run(context) {
    keepMemorySmall()
    const forMs = context.options.duration('for')
    const configuration = await context.config({ urls: context.args, needs: 'url' })
    const clusters = chosenClusters(configuration, context.options.text('cluster'))
    const [{ openStore }, { openWriter }, { openWatch }, { openSampling, tripText }] = await Promise.all([
      import('../../store/open.ts'),
      import('../../store/writer.ts'),
      import('../watching.ts'),
      import('../sampling.ts'),
    ])
    for (const mute of endedMutes(configuration.mutes, Date.now())) context.note(endedText(mute))
    const store = await openStore(configuration.store, { clock: Date.now })
    const ended = new AbortController()
    const signal = AbortSignal.any([context.signal, ended.signal])
    const show = (event: Event): void => {
      if (context.format === 'json') context.out.ndjson(eventJson(event))
      else for (const line of eventText(event, context.style, context.width)) context.out.line(line)
    }
    const writer = await openWriter(store, { signal: context.signal })
    try {
      const started: Promise<void>[] = []
      const watches = await Promise.all(
        clusters.map(async (cluster) => {
          const begun = Promise.withResolvers<void>()
          started.push(begun.promise)
          const own = AbortSignal.any([signal, writer.lost])
          const sampling = await openSampling(cluster, {
            store,
            signal: own,
            onTrip: (coverage) => context.progress(tripText(cluster.name, coverage, Date.now())),
          })
          return openWatch(cluster, configuration, store, {
            signal: own,
            ...(sampling && { sampling }),
            append: async (bodies, atMs) => writer.append(cluster.name, bodies, atMs),
            onEvent: (event) => {
              if (event.type === 'watch.started') begun.resolve()
              show(event)
            },
          })
        }),
      )
      const over = async (): Promise<void> => {
        await Promise.all(started)
        if (forMs !== null) await sleep(forMs, undefined, { signal })
        else await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        ended.abort()
      }
      const timer = over().catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      const running = Promise.all(watches.map(async (watch) => watch.run()))
      await Promise.race([running, timer])
      ended.abort()
      await running
      for (const watch of watches) await watch.close(reasonOf(context.signal, writer.lost, forMs))
      if (writer.lost.aborted && !context.signal.aborted) throw overtaken()
      // Told to stop, it has done what it should, whatever is open.
      return !context.signal.aborted && watches.some((watch) => watch.hasOpenIncident) ? 1 : 0
    } finally {
      ended.abort()
      await writer.close()
      await store.close()
    }
  },
})

const reasonOf = (asked: AbortSignal, lost: AbortSignal, forMs: number | null): string =>
  asked.aborted ? 'asked to stop' : lost.aborted ? 'another watch has taken over' : `${forMs ?? 0} ms are over`

const overtaken = (): AntemortemError =>
  new AntemortemError(
    'store-has-writer',
    'another watch has taken over the store',
    'One watch a store: stop one of them, or give it a store of its own.',
  )
