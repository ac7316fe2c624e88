import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freePorts } from '../../src/lab/ports.ts'
import { rules } from './rules.ts'

const program = '/usr/bin/prometheus'

/** An alert that fires, as its rule names it. */
export interface Alert {
  readonly name: string
  readonly node: string
  /** The cause of our catalogue that its words lead to; null where they tell only of an effect. */
  readonly names: string | null
  /** When what it tells of began, where its teller knows: a rule may wait for minutes before it alerts. */
  readonly sinceMs: number | null
}

/** Whatever keeps an eye on the servers and says what is wrong now. */
export interface Peer {
  readonly name: string
  readonly alerts: () => Promise<readonly Alert[]>
  readonly close: () => Promise<void>
}

const answer = z.object({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string() })),
  }),
})

export interface PrometheusOptions {
  /** Where its data lie: they go with it. */
  readonly dir: string
  readonly everySeconds: number
  readonly exporters: readonly { readonly node: string; readonly port: number }[]
}

/** Prometheus as Debian has it, with our rules, which it reads as often as it scrapes. */
export async function startPrometheus({ dir, everySeconds, exporters }: PrometheusOptions): Promise<Peer> {
  if (!existsSync(program)) throw new Error(`${program} is missing; install it with: script/install-debian prometheus`)
  mkdirSync(dir)
  const every = `${everySeconds}s`
  const config = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: [join(dir, 'rules.yml')],
    scrape_configs: [
      {
        job_name: 'postgresql',
        static_configs: exporters.map(({ node, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { node } })),
      },
    ],
  }
  const group = rules.map(({ alert, expr, for: lasting, names, summary }) => ({
    alert,
    expr,
    ...(lasting !== undefined && { for: lasting }),
    ...(names !== undefined && { labels: { names } }),
    annotations: { summary },
  }))
  // JSON is YAML.
  writeFileSync(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'postgresql', rules: group }] }))
  writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(config))
  const [port = 0] = await freePorts(1)
  const child = spawn(
    'setpriv',
    // It ends with us, however we end.
    [
      '--pdeathsig=KILL',
      program,
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const alerts = async (): Promise<readonly Alert[]> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`, { signal: AbortSignal.timeout(10_000) })
    return answer
      .parse(await response.json())
      .data.alerts.filter(({ state }) => state === 'firing')
      .map(({ labels, activeAt }) => ({
        name: labels['alertname'] ?? '',
        node: labels['node'] ?? '',
        names: labels['names'] ?? null,
        sinceMs: Date.parse(activeAt),
      }))
  }
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  for (let tries = 0; ; tries += 1) {
    try {
      await alerts()
      return { name: `Prometheus, ${everySeconds} s`, alerts, close }
    } catch (error) {
      if (tries === 100 || child.exitCode !== null) {
        await close()
        throw error
      }
      await sleep(100)
    }
  }
}
