import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './settings-lead-elsewhere.ts'

test.each([
  [
    `DATABASE_URL=postgres://app:x@db2/auth
`,
    { cluster: {}, file: '.env' },
    ['error .env#DATABASE_URL @ standby'],
  ],
  [
    `DB_HOST=db2
DB_PORT=5432
`,
    { cluster: {}, file: 'app.env' },
    ['error app.env#DB_HOST @ standby'],
  ],
  [
    `production:
  host: db2
  port: 5432
`,
    { cluster: {}, file: 'config/database.yml' },
    ['error config/database.yml#production.host @ standby'],
  ],
  [
    `{"ConnectionStrings": {"Default": "Server=db2;Database=auth"}}`,
    { cluster: {}, file: 'appsettings.json' },
    ['error appsettings.json#ConnectionStrings:Default.Server @ standby'],
  ],
  [
    `spring.datasource.url=jdbc:postgresql://db2/auth
`,
    { cluster: {}, file: 'application.properties' },
    ['error application.properties#spring.datasource.url @ standby'],
  ],
  // Half of a connection is new: the other half stands there still.
  [
    `DB_HOST=db2
DB_PORT=5432
`,
    { cluster: {}, file: '.env', before: 'DB_HOST=db2\nDB_PORT=6432\n' },
    ['error .env#DB_HOST @ standby'],
  ],
])("%j: an address of a standby in a writer's settings is told", async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `DATABASE_URL=postgres://app@db1/auth
READ_URL=postgres://app@db2/auth
`,
    { cluster: {}, file: '.env' },
    [],
  ],
  [
    `DATABASE_URL=postgres://app@db2/auth
`,
    { file: '.env' },
    [],
  ],
  [
    `DB_HOST=db2
NAME=y
`,
    { cluster: {}, file: '.env', before: 'DB_HOST=db2\nNAME=x\n' },
    [],
  ],
  [`DATABASE_URL=postgres://app@db2/auth\n`, { cluster: {}, file: '.env', readsOnly: { isWhole: true, keys: [] } }, []],
  [
    `NEAR_HOST=db2\nFAR_URL=postgres://app@db2/auth\n`,
    { cluster: {}, file: '.env', readsOnly: { isWhole: false, keys: ['NEAR', 'FAR_URL'] } },
    [],
  ],
  [
    `development:
  host: db2
production:
  host: db1
`,
    { cluster: {}, file: 'config/database.yml' },
    [],
  ],
])('%j: the primary, what only reads, and what was so before are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
