import pg from 'pg'
import { keepFilled, type Filler } from './keep-filled.ts'
import type { Endpoint, Settings } from './settings.ts'

/** One pool for writes and one for each node that serves reads, each as large as the settings say. */
export interface Pools {
  /** When all have been filled, or refused, once. */
  started(): Promise<void>
  /** The first column of the first row, or undefined where there is none. */
  read(node: string, sql: string, id: number): Promise<unknown>
  write(sql: string, id: number): Promise<void>
  end(): Promise<void>
}

/** The server's own word on a statement that took too long is worth that much waiting. */
const afterServerMs = 10

/** The driver's own reading of `sslmode` is another than everybody's, and it says so on every connection. */
const asLibpq = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}uselibpqcompat=true`

export function openPools(settings: Settings, applicationName: string): Pools {
  const open = (to: Endpoint | { connectionString: string }): { pool: pg.Pool; filler: Filler } => {
    const pool = new pg.Pool({
      ...to,
      max: settings.poolMax,
      application_name: applicationName,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: settings.queryTimeoutMs,
      // Over a slow network, or from a server that says nothing at all, the client gives up by itself.
      query_timeout: settings.queryTimeoutMs + afterServerMs,
    })
    // An idle connection that breaks is replaced at its next use.
    pool.on('error', () => undefined)
    return { pool, filler: keepFilled(pool, settings.poolMin) }
  }
  const primary = open(settings.primary)
  const reads = new Map(
    Object.entries(settings.reads).map(([node, url]) => [node, open({ connectionString: asLibpq(url) })]),
  )
  const all = [primary, ...reads.values()]
  return {
    async started() {
      await Promise.allSettled(all.map(async ({ filler }) => filler.ready()))
    },
    async read(node, sql, id) {
      const of = reads.get(node)
      if (of === undefined) throw new Error(`no route to ${node}`)
      await of.filler.ready()
      const { rows } = await of.pool.query<unknown[]>({ text: sql, values: [id], rowMode: 'array' })
      return rows[0]?.[0]
    },
    async write(sql, id) {
      await primary.filler.ready()
      await primary.pool.query(sql, [id])
    },
    async end() {
      for (const { filler } of all) filler.stop()
      await Promise.all(all.map(async ({ pool }) => pool.end()))
    },
  }
}
