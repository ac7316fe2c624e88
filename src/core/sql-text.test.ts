import { expect, test } from 'vitest'
import { alterSystem, settingText, sqlName } from './sql-text.ts'

test('a name is quoted, so that a capital or a quote in it is kept', () => {
  expect(sqlName('App"1')).toBe('"App""1"')
})

test('a list of names is quoted name by name: as a whole it would be one name', () => {
  expect(settingText('search_path', '"$user", public')).toBe("'$user', 'public'")
  expect(settingText('shared_preload_libraries', '')).toBe("''")
  expect(settingText('DateStyle', 'ISO, MDY')).toBe("'ISO, MDY'")
})

test('a masked value is never offered to be typed', () => {
  expect(alterSystem('work_mem', '4096')).toBe("alter system set work_mem = '4096'; select pg_reload_conf();")
  expect(alterSystem('archive_command', '*** (#12345678)')).not.toContain('***')
})
