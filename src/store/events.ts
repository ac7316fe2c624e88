import type { Event, EventBody } from '../core/event.ts'
import { fenced } from './leases.ts'
import type { EventFilter, Lease } from './store.ts'
import type { Database, Tables } from './tables.ts'
import { take } from './counter.ts'

/** A statement carries at most 32,766 parameters on SQLite and 65,535 on PostgreSQL; a row has six. */
const rowsAtOnce = 1_000

export async function append(
  db: Database,
  cluster: string,
  bodies: readonly EventBody[],
  atMs: number,
  fence?: Lease,
): Promise<readonly Event[]> {
  if (bodies.length === 0) return []
  return db.transaction().execute(async (tx) => {
    if (fence) await fenced(tx, fence)
    const last = await take(tx, 'event', bodies.length)
    const rows = bodies.map((body, index) => row(cluster, body, atMs, last - bodies.length + 1 + index))
    for (let from = 0; from < rows.length; from += rowsAtOnce)
      await tx
        .insertInto('event')
        .values(rows.slice(from, from + rowsAtOnce))
        .execute()
    return rows.map(event)
  })
}

export async function events(db: Database, filter: EventFilter = {}): Promise<readonly Event[]> {
  const { cluster, afterSeq, incident, limit } = filter
  let query = db.selectFrom('event').selectAll().orderBy('seq')
  if (cluster !== undefined) query = query.where('cluster', '=', cluster)
  if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq)
  if (incident !== undefined) query = query.where('incident', '=', incident)
  if (limit !== undefined) query = query.limit(limit)
  return (await query.execute()).map(event)
}

const row = (cluster: string, body: EventBody, atMs: number, seq: number): Tables['event'] => ({
  seq,
  at_ms: atMs,
  cluster,
  type: body.type,
  incident: 'incident' in body ? (body.incident ?? null) : null,
  body: JSON.stringify(body),
})

function event({ seq, at_ms, cluster, body }: Tables['event']): Event {
  // Written by `append` from a body; a store of another format is refused when it is opened.
  const read = JSON.parse(body) as EventBody
  return { ...read, seq, atMs: at_ms, cluster }
}
