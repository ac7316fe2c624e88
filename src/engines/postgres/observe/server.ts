import { z } from 'zod'
import { defineReader } from '../reader.ts'

const raw = z.tuple([z.number(), z.boolean(), z.number()])

/** Of a raw value; false where there is none. */
export const isInRecovery = (value: unknown): boolean => raw.safeParse(value).data?.[1] === true

/** Version, identity and start come with the session: none of them can change while it lives. */
export const server = defineReader({
  key: 'server',
  tier: 'fast',
  schema: raw,
  sql: `json_build_array(extract(epoch from pg_conf_load_time()), pg_is_in_recovery(), extract(epoch from clock_timestamp()))`,
  map: ([confLoaded, inRecovery, now], { hello }) => ({
    versionNum: hello.versionNum,
    database: hello.database,
    systemId: hello.systemId,
    startedMs: hello.startedMs,
    confLoadedMs: Math.round(confLoaded * 1000),
    inRecovery,
    nowMs: Math.round(now * 1000),
  }),
})
