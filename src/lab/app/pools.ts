import pg from 'pg'
import type { Endpoint, Settings } from './settings.ts'

/** Two connections to each node that serves reads, two for writes: what a small instance has. */
export interface Pools {
  /** The first column of the first row, or undefined where there is none. */
  read(node: string, sql: string, id: number): Promise<unknown>
  write(sql: string, id: number): Promise<void>
  end(): Promise<void>
}

export function openPools(settings: Settings, applicationName: string): Pools {
  const open = (to: Endpoint | { connectionString: string }): pg.Pool => {
    const pool = new pg.Pool({
      ...to,
      max: 2,
      application_name: applicationName,
      connectionTimeoutMillis: settings.connectTimeoutMs,
      statement_timeout: settings.queryTimeoutMs,
      // A server that does not answer at all cannot end its statement either.
      query_timeout: settings.queryTimeoutMs + 500,
    })
    // An idle connection that breaks is replaced at its next use.
    pool.on('error', () => undefined)
    return pool
  }
  const primary = open(settings.primary)
  const reads = new Map(Object.entries(settings.reads).map(([node, url]) => [node, open({ connectionString: url })]))
  return {
    async read(node, sql, id) {
      const pool = reads.get(node)
      if (pool === undefined) throw new Error(`no route to ${node}`)
      const { rows } = await pool.query<unknown[]>({ text: sql, values: [id], rowMode: 'array' })
      return rows[0]?.[0]
    },
    async write(sql, id) {
      await primary.query(sql, [id])
    },
    async end() {
      await Promise.all([primary, ...reads.values()].map(async (pool) => pool.end()))
    },
  }
}
