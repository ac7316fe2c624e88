import { z } from 'zod'
import { defineReader, hidden } from '../reader.ts'

const text = z.string().nullable()
const number = z.number().nullable()

/** Not its conninfo: it may hold a password. */
export const receiver = defineReader({
  key: 'receiver',
  tier: 'fast',
  privilege: 'pg_monitor',
  schema: z
    .array(z.tuple([text, text, text, number, number, number]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(status, slot_name, sender_host, sender_port, received_tli,
      round(extract(epoch from last_msg_receipt_time - last_msg_send_time) * 1000)))
    from pg_stat_get_wal_receiver() where pid is not null)`,
  map: (rows, { hello }) => {
    if (rows.some(([status]) => status === null)) return hidden('pg_stat_wal_receiver', hello)
    return rows.map(([status, slot, senderHost, senderPort, timeline, clockAheadMs]) => ({
      status: status ?? '',
      slot,
      senderHost,
      senderPort,
      timeline,
      clockAheadMs,
    }))
  },
})
