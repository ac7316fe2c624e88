import { expect, test } from 'vitest'
import {
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  table,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'integrity/file-missing'
const users = table('users', { files: { table: 16_401, toast: null, indexes: { users_pkey: 16_409 } } })
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const line = (message: string, more = {}) => logEntry('primary', { code: '58P01', message, ...more })
const gone = (file: number, more = {}) =>
  line(`could not open file "base/16388/${file}": No such file or directory`, more)
const said = (entries: Parameters<typeof logs>[0], facts: Cluster['facts'] = {}) =>
  diagnosed({
    snapshot: snapshot({
      primary: { tables: [users] },
      facts: { contracts: contracts(), outcomes: outcomes({ primary: '58P01' }), logs: logs(entries), ...facts },
    }),
    findings,
  })

test.each([
  [16_401, 'primary:public.users'],
  [16_409, 'primary:public.users_pkey'],
  [99, 'primary'],
])('the file %i is gone and the primary fails on it: confirmed for %s', (file, subject) => {
  const diagnosis = said([gone(file)])
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe(subject)
})

test('a tablespace that is not mounted is mounted, and nothing created in its place', () => {
  const [cause] = said([
    line('could not open file "pg_tblspc/16400/PG_18_202506291/16388/16401": No such file or directory'),
  ]).causes
  expect(cause).toMatchObject({ id, verdict: 'confirmed', subject: 'primary:public.users' })
  expect(cause?.remedy.words).toContain('mounted')
})

test('logged before all was good: probable', () => {
  expect(named(said([gone(16_401, { firstMs: t0 - 300_000 })]))).toEqual([`${id} probable`])
})

test('nobody is hurt: possible', () => {
  expect(named(said([gone(16_401, { count: 1 })], { outcomes: outcomes({}) }))).toEqual([`${id} possible`])
})

test.each([
  ['a library of a function', line('could not access file "$libdir/postgis-3": No such file or directory')],
  [
    'a library that keeps the server from its start',
    line('could not access file "pg_cron": No such file or directory', { severity: 'FATAL', role: null }),
  ],
  ['a file of the user’s own', line('could not open file "/srv/import.csv" for reading: No such file or directory')],
])('%s is no relation', (_, entry) => {
  expect(named(said([entry])).join()).not.toContain(id)
})
