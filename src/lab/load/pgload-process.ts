/** Sessions that read a whole table without a pause: a report that somebody started at the wrong hour. */
import pg from 'pg'
import type { PgloadOptions } from './load.ts'

// Written by `startPgload`, on our own command line; the password comes by the channel.
const { clients, forMs, table } = JSON.parse(process.argv[2] ?? '{}') as PgloadOptions
const endMs = performance.now() + forMs

process.once('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))
process.once(
  'message',
  (url) =>
    void Promise.all(Array.from({ length: clients }, async () => ask(String(url)))).finally(() => process.exit(0)),
)

async function ask(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'pgload' })
  // A server that is stopped ends our load, and nothing else.
  client.on('error', () => process.exit(0))
  try {
    await client.connect()
    while (performance.now() < endMs)
      await client.query(`select count(*), max(md5(t::text)) from ${table} t, generate_series(1, 10)`)
    await client.end()
  } catch {
    // As above: it is load, and nobody waits for what it says.
    process.exit(0)
  }
}
