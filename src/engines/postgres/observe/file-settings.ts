import { z } from 'zod'
import { redact } from '../../../core/redact.ts'
import { maskSetting } from '../mask-setting.ts'
import { defineReader, tooMany } from '../reader.ts'

const most = 5000
const text = z.string().nullable()

/** The function behind pg_file_settings: it reads the files from the disk at each call. `applied`: a reload would take it. */
export const fileSettings = defineReader({
  key: 'fileSettings',
  tier: 'slow',
  privilege: 'grant',
  granted: {
    sql: `has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'execute')`,
    view: 'the settings in the files (pg_file_settings)',
    grant: 'grant execute on function pg_catalog.pg_show_all_file_settings()',
  },
  schema: z
    .array(z.tuple([text, z.number().nullable(), text, text, z.boolean(), text]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(sourcefile, sourceline, name, setting, applied, error) order by seqno)
    from (select * from pg_show_all_file_settings() limit ${most + 1}) r)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('lines in the settings files', most)
      : rows.map(([file, line, name, value, applied, error]) => ({
          file: file ?? '',
          line: line ?? 0,
          name,
          value: value === null ? null : maskSetting(name ?? '', value),
          applied,
          error: error === null ? null : redact(error),
        })),
})
