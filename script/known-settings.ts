/**
 * Writes the list of settings by which `gate review` reads configuration files without a server, from `pg_settings` of the
 * newest version that is installed here. Run again when a new version comes.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { authBlueprint } from '../src/lab/auth.ts'
import { startLab } from '../src/lab/start-lab.ts'

const lab = await startLab(authBlueprint())
try {
  const rows = await lab.rows(
    'primary',
    `select concat_ws('|', name, context, vartype, coalesce(unit, ''), coalesce(min_val, ''), coalesce(max_val, ''),
      coalesce(array_to_string(enumvals, ','), '')) as line from pg_settings where name not like '%.%' order by name collate "C"`,
  )
  const lines = rows.map((row) => `  '${String(Object.values(Object(row))[0])}',`)
  const text = [
    '// Written by `node script/known-settings.ts`; not to be edited.',
    '/** name | context | type | unit | least | most | values of an enum, as pg_settings of PostgreSQL 18 has them. */',
    'export const settingLines: readonly string[] = [',
    ...lines,
    ']',
    '',
  ]
  writeFileSync(resolve(import.meta.dirname, '../src/gate/review/settings.generated.ts'), text.join('\n'))
} finally {
  await lab.close()
}
