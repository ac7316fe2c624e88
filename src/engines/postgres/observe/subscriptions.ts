import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'
import { ownSubscriptions } from './own-subscriptions.ts'

const row = z.tuple([
  z.string(),
  z.boolean(),
  z.string().nullable(),
  z.array(z.string()),
  z.array(z.tuple([z.string(), z.string(), z.string()])).nullable(),
])

export const subscriptions = defineReader({
  key: 'subscriptions',
  tier: 'slow',
  schema: z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? []),
  sql: (versionNum) => `(select json_agg(json_build_array(s.subname, s.subenabled, s.subslotname, s.subpublications,
      (select json_agg(json_build_array(n.nspname, c.relname, r.srsubstate)) from pg_subscription_rel r
        join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace where r.srsubid = s.oid)))
    from ${ownSubscriptions(versionNum)})`,
  map: (rows) =>
    rows
      .map(([name, enabled, slot, names, tables]) => ({
        name,
        enabled,
        slot,
        publications: names.toSorted(),
        tables: (tables ?? [])
          .map(([schema, table, state]) => ({ schema, name: table, state }))
          .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name)),
      }))
      .sort((a, b) => byText(a.name, b.name)),
})
