import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Lab } from '../../src/lab/lab.ts'
import type { AuthNames } from '../../src/lab/auth-schema.ts'

export const feedSlot = 'search_feed'

const reconnectMs = 500
/** As pg_recvlogical's --status-interval, which is ten seconds there. */
const statusMs = 1_000

/** A consumer of a logical slot that is no server: what change data capture, a search index or pg_recvlogical is. */
export interface Feed {
  /** Bytes that it was sent: a consumer that got nothing shows nothing. */
  readonly received: () => number
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Where the slot is read from now on, as after a switchover. */
  readonly moveTo: (node: string) => void
}

/** Creates its slot on the primary and reads it; what breaks its connection has it try again, as a service does. */
export async function openFeed(lab: Lab, { primary, publication }: AuthNames): Promise<Feed> {
  await lab.rows(primary, `select pg_create_logical_replication_slot($1, 'pgoutput', false, false, true)`, [feedSlot])
  let node = primary
  let received = 0
  let ended = new AbortController()
  let running: Promise<void> | null = null
  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await readUntilBroken({ url: lab.url(node, 'replication'), publication, signal, took: (n) => (received += n) })
      await sleep(reconnectMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const start = (): void => {
    if (running) return
    ended = new AbortController()
    running = loop(ended.signal)
  }
  start()
  return {
    received: () => received,
    start,
    stop: async () => {
      ended.abort()
      await running
      running = null
    },
    moveTo: (name) => void (node = name),
  }
}

interface Reading {
  readonly url: string
  readonly publication: string
  readonly signal: AbortSignal
  readonly took: (bytes: number) => void
}

async function readUntilBroken({ url, publication, signal, took }: Reading): Promise<void> {
  const client = new pg.Client({ connectionString: `${url}?replication=database`, application_name: 'search-feed' })
  // A server that is stopped ends the connection: the query below hears of it.
  client.on('error', () => undefined)
  let position = 0n
  let timer: NodeJS.Timeout | undefined
  const confirm = (): void => sendCopy(client.connection, statusUpdate(position))
  // Before the server speaks of replication it takes no word of it.
  client.connection.once('replicationStart', () => (timer = setInterval(confirm, statusMs)))
  client.connection.on('copyData', ({ chunk }: { readonly chunk: Buffer }) => {
    took(chunk.length)
    const at = chunk.readBigUInt64BE(1)
    if (at > position) position = at
    const isKeepalive = chunk.toString('latin1', 0, 1) === 'k'
    if (isKeepalive && chunk.readUInt8(17) === 1) confirm()
  })
  const leave = (): void => void client.end()
  signal.addEventListener('abort', leave, { once: true })
  try {
    await client.connect()
    // It is answered only when it ends.
    if (!signal.aborted)
      await client.query(
        `START_REPLICATION SLOT ${feedSlot} LOGICAL 0/0 (proto_version '1', publication_names '${publication}')`,
      )
  } catch {
    // It is not up, or no longer, or we left: there is a next try, or none is wanted.
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', leave)
    await client.end()
  }
}

/** The driver can, its types do not say so. */
function sendCopy(connection: pg.Connection, chunk: Buffer): void {
  const send: unknown = Reflect.get(connection, 'sendCopyFromChunk')
  if (typeof send !== 'function') throw new Error('the driver cannot send copy data')
  Reflect.apply(send, connection, [chunk])
}

/** Standby status update: written, flushed and applied up to here, the time since 2000 in microseconds, no answer wanted. */
function statusUpdate(position: bigint): Buffer {
  const message = Buffer.alloc(34)
  message.write('r', 0, 'latin1')
  for (const offset of [1, 9, 17]) message.writeBigUInt64BE(position, offset)
  message.writeBigInt64BE((BigInt(Date.now()) - 946_684_800_000n) * 1000n, 25)
  return message
}
