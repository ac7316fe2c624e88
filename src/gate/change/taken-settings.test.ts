import { expect, test } from 'vitest'
import { isTakenSettings } from './taken-settings.ts'

test.each([
  '.env',
  'app/.env.production',
  'deploy/web.env',
  'wp-config.php',
  'config/database.yml',
  'appsettings.json',
  'src/Shop/appsettings.Production.json',
  'pg_service.conf',
  'etc/pgbouncer.ini',
  'pgbouncer-auth.ini',
  'src/main/resources/application-prod.properties',
])('%s is taken without being named', (path) => {
  expect(isTakenSettings(path)).toBe(true)
})

test.each([
  '',
  'app/',
  'package.json',
  'setup.ini',
  'compose.yaml',
  'app/.env.example',
  '.env.sample',
  '.env.dist',
  '.env.test',
  '.env.local',
  '.env.production.example',
  'example.env',
  'wp-config-sample.php',
  'config/database.example.yml',
  'config/database-test.yml',
  'appsettings.Development.json',
  'application-test.properties',
  'test/fixtures/.env',
  'examples/rails/config/database.yml',
  'spec/dummy/config/database.yml',
  'vendor/shop/.env',
  'docs/wp-config.php',
])('%j is not: it shows how such a file looks, or belongs elsewhere', (path) => {
  expect(isTakenSettings(path)).toBe(false)
})
