import { expect, test } from 'vitest'
import { maskSetting } from './mask-setting.ts'

const digest = (text: string): string => String(text.length)

test('a command is masked whole, a connection string in its password, an ordinary setting not at all', () => {
  expect(maskSetting('archive_command', 'cp %p /x', digest)).toBe('*** (#8)')
  expect(maskSetting('primary_conninfo', 'host=a password=b', digest)).toBe('host=a password=*** (#17)')
  expect(maskSetting('work_mem', '4MB', digest)).toBe('4MB')
  expect(maskSetting('archive_command', '', digest)).toBe('')
})
