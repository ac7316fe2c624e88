import { expect, test } from 'vitest'
import { looksPersonal } from './secret-names.ts'

test.each([
  'password_hash',
  'apiToken',
  'api_key',
  'EMAIL',
  'users_emails',
  'e_mail',
  'first_name',
  'lastLoginIp',
  'birth_date',
  'postal_code',
  'phone2',
])('%s looks like a secret or like somebody’s', (column) => {
  expect(looksPersonal(column)).toBe(true)
})

test.each(['id', 'user_id', 'email_id', 'created_at', 'amount', 'state', 'shipped', 'weight', 'notified_at'])(
  '%s does not',
  (column) => {
    expect(looksPersonal(column)).toBe(false)
  },
)
