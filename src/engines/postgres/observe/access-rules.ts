import { createHash } from 'node:crypto'
import { z } from 'zod'
import { redact } from '../../../core/redact.ts'
import { maskOption } from '../mask-setting.ts'
import { defineReader, tooMany } from '../reader.ts'

const most = 5000
const text = z.string().nullable()
const texts = z
  .array(z.string())
  .nullable()
  .transform((items) => items ?? [])

/** `255.255.255.0` or `ffff:ff00::` as the number of its bits. */
const bitsOf = (mask: string): number =>
  mask
    .split(/[.:]/)
    .filter((part) => part !== '')
    .map((part) => Number.parseInt(part, mask.includes(':') ? 16 : 10))
    .reduce((bits, part) => bits + part.toString(2).replaceAll('0', '').length, 0)

/** The function behind pg_hba_file_rules: it reads the file from the disk at each call. Of its options only the digest is kept, without their secrets. */
export const accessRules = defineReader({
  key: 'accessRules',
  tier: 'slow',
  privilege: 'grant',
  granted: {
    sql: `has_function_privilege('pg_catalog.pg_hba_file_rules()', 'execute')`,
    view: 'the access rules (pg_hba_file_rules)',
    grant: 'grant execute on function pg_catalog.pg_hba_file_rules()',
  },
  schema: z
    .array(z.tuple([z.number(), text, text, texts, texts, text, text, text, texts, text]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: (versionNum) => `(select json_agg(json_build_array(coalesce(line_number, 0), ${
    versionNum >= 160_000 ? 'file_name' : 'null'
  }, type, database, user_name, address, netmask, auth_method, options, error))
    from (select * from pg_hba_file_rules() limit ${most + 1}) r)`,
  map: (rows) => {
    if (rows.length > most) return tooMany('access rules', most)
    const rules = rows.map(([line, file, type, databases, roles, address, netmask, method, , error]) => ({
      line,
      file,
      type,
      databases,
      roles,
      address: address === null || netmask === null ? address : `${address}/${bitsOf(netmask)}`,
      method,
      error: error === null ? null : redact(error),
    }))
    const content = rules.map(({ line: _line, file: _file, ...rule }, i) => [rule, rows[i]?.[8].map(maskOption)])
    return { rules, digest: createHash('md5').update(JSON.stringify(content)).digest('hex') }
  },
})
