import { expect, test } from 'vitest'
import { maskSetting } from './mask-setting.ts'

const digest = (text: string): string => String(text.length)

test('a command is masked whole, a connection string in its password, an ordinary setting not at all', () => {
  expect(maskSetting('archive_command', 'cp %p /x', digest)).toBe('*** (#8)')
  expect(maskSetting('primary_conninfo', 'host=a password=b', digest)).toBe('host=a password=*** (#17)')
  expect(maskSetting('work_mem', '4MB', digest)).toBe('4MB')
  expect(maskSetting('archive_command', '', digest)).toBe('')
})

test('a setting whose name speaks of a secret is masked whole, one that only speaks of passwords is not', () => {
  for (const name of ['app.jwt_secret', 'app.jwt_secret_v2', 'anon.salt', 'myapp.encryption_key', 'vault.token'])
    expect(maskSetting(name, 'hunter2', digest)).toBe('*** (#7)')
  for (const name of ['password_encryption', 'md5_password_warnings', 'passwordcheck.min_length', 'ssl_key_file'])
    expect(maskSetting(name, 'value', digest)).toBe('value')
})
