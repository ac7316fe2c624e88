import { expect, test } from 'vitest'
import { kindOfFile } from './kind-of-file.ts'

test.each([
  ['db/1.sql', 'sql'],
  ['V1__a.SQL', 'sql'],
  ['notes', 'sql'],
  ['postgresql.auto.conf', 'settings'],
  ['conf.d/10-pg_hba.conf', 'access-rules'],
  ['app/.env.production', 'application'],
  ['config/database.yml', 'application'],
  ['pg_service.conf', 'application'],
  ['wp-config.php', 'application'],
  ['appsettings.json', 'application'],
  ['application.properties', 'application'],
  ['pgbouncer.ini', 'pooler'],
  ['deploy.sh', 'other'],
  ['compose.yaml', 'other'],
])('%s is %s', (file, kind) => {
  expect(kindOfFile(file)).toBe(kind)
})
