import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'

export const extensions = defineReader({
  key: 'extensions',
  tier: 'slow',
  schema: z
    .array(z.tuple([z.string(), z.string()]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(extname, extversion)) from pg_extension)`,
  map: (rows) => rows.map(([name, version]) => ({ name, version })).sort((a, b) => byText(a.name, b.name)),
})
