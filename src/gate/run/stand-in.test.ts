import { expect, test } from 'vitest'
import { readChangeFile } from '../files/read-file.ts'
import { standIn } from './stand-in.ts'

const copies = {
  database: 'auth',
  places: [{ name: 'primary', host: 'db1.example', port: 5432, copyPort: 40001 }],
  password: (role: string) => (role === 'replicator' ? 'of the copy' : ''),
}
async function run(text: string, name = 'm.sql') {
  const [statement] = await readChangeFile({ name, text })
  return statement && standIn(statement, copies)
}

test('a connection string that leads to a node leads to its copy, with the copy’s password and the same database', async () => {
  const text = `alter subscription sub connection 'host=db1.example dbname=auth user=replicator password=real'`
  const stand = await run(text)
  expect(stand).toMatchObject({ kind: 'instead', why: null })
  expect(JSON.stringify(stand)).toContain('40001')
  expect(JSON.stringify(stand)).toContain('of the copy')
  expect(JSON.stringify(stand)).not.toContain('real')
  expect(JSON.stringify(stand)).not.toContain('db1.example')
})

test('one that leads to no node leads to nobody, and is said to', async () => {
  const stand = await run(`primary_conninfo = 'host=10.9.9.9 user=replicator'`, 'postgresql.conf')
  expect(stand).toMatchObject({
    kind: 'instead',
    why: expect.stringContaining('10.9.9.9:5432 is the address of no node'),
  })
  expect(JSON.stringify(stand)).not.toContain('host=10.9.9.9')
})

test.each([
  [`create subscription sub connection 'host=elsewhere dbname=auth' publication pub`],
  [`create subscription sub connection 'postgresql://u:p@elsewhere/auth' publication pub`],
])('%s never reaches the host that it names', async (text) => {
  const stand = await run(text)
  expect(stand?.kind === 'instead' && stand.sql).not.toContain('elsewhere')
})

test.each([
  ['alter system set port = 6543'],
  [`alter system set archive_command = 'rm -rf /'`],
  [`copy users to program 'cat'`],
  [`create tablespace fast location '/mnt/fast'`],
  ['alter database auth rename to login'],
])('%s is not run', async (text) => {
  expect(await run(text)).toMatchObject({ kind: 'withheld' })
})

test.each([
  ['alter table users add column x int'],
  ['alter system set max_connections = 5'],
  [`alter system set restore_command = 'false'`],
  ['alter system reset port'],
  ['alter database other rename to login'],
])('%s is run as it is', async (text) => {
  expect(await run(text)).toEqual({ kind: 'as-it-is' })
})
