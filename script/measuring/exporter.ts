import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../../src/lab/ports.ts'

const program = '/usr/bin/prometheus-postgres-exporter'

/** What a team has already: one exporter a server, scraped as Prometheus does. */
export interface Exporter {
  /** On 127.0.0.1, for whoever else scrapes it. */
  readonly port: number
  /** One scrape; the number of figures in it. */
  readonly scrape: () => Promise<number>
  readonly close: () => Promise<void>
}

export async function startExporter(url: string, options: readonly string[] = []): Promise<Exporter> {
  if (!existsSync(program))
    throw new Error(`${program} is missing; install it with: script/install-debian prometheus-postgres-exporter`)
  const [port = 0] = await freePorts(1)
  // It ends with us, however we end.
  const child = spawn('setpriv', ['--pdeathsig=KILL', program, `--web.listen-address=127.0.0.1:${port}`, ...options], {
    env: { PATH: process.env['PATH'], DATA_SOURCE_NAME: `${url}?sslmode=disable` },
    // It complains at every scrape about a view that PostgreSQL 17 has changed; that is in our notes, once.
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const scrape = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) })
    const text = await answer.text()
    if (!/^pg_up 1$/m.test(text)) throw new Error('the exporter does not reach its server')
    return text.split('\n').filter((line) => line.startsWith('pg_')).length
  }
  const close = async (): Promise<void> => {
    child.kill()
    await ended
  }
  for (let tries = 0; ; tries += 1) {
    try {
      // The first scrape makes its connections: they are kept.
      await scrape()
      return { port, scrape, close }
    } catch (error) {
      if (tries === 50 || child.exitCode !== null) {
        await close()
        throw error
      }
      await sleep(100)
    }
  }
}
