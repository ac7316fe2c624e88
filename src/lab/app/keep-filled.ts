import type pg from 'pg'

const everyMs = 1_000

/** A pool that promises connections: it is not used before it has them once, as the pools of many frameworks do it. */
export interface Filler {
  /** Returns when the pool has been full; rejects with the server's word where it could not be filled just now. */
  ready(): Promise<void>
  stop(): void
}

/** pg's own `min` only keeps what is there. This opens them, and later replaces those that went away. */
export function keepFilled(pool: pg.Pool, least: number): Filler {
  let hasBeenFull = false
  let underWay: Promise<void> | null = null
  const fill = async (): Promise<void> => {
    // Held until the last is there: a connection given back would be lent again instead of a new one.
    const opened: pg.PoolClient[] = []
    try {
      // One refusal is enough for now: the server must not be busy with refusing.
      while (pool.totalCount < least) opened.push(await pool.connect())
      hasBeenFull = true
    } finally {
      for (const client of opened) client.release()
      underWay = null
    }
  }
  const attempt = async (): Promise<void> => (underWay ??= fill())
  const timer = setInterval(() => {
    // What it did not get, the next one who needs it hears.
    attempt().catch(() => undefined)
  }, everyMs)
  return {
    ready: async () => (hasBeenFull ? undefined : attempt()),
    stop: () => clearInterval(timer),
  }
}
