import { expect, test } from 'vitest'
import { readChangeFile } from './read-file.ts'
import { settingOf } from './settings-of.ts'

const read = async (name: string, text: string) => readChangeFile({ name, text })
const settings = async (text: string) =>
  (await read('db/postgresql.conf', text)).map(({ tree, line, on }) => ({ ...settingOf(tree), line, on }))

test('the lines of postgresql.conf are settings, each with its line and its node', async () => {
  const text = `# a comment
max_connections = 200   # more
# antemortem:on standby, reports
work_mem '8MB'
listen_addresses = 'a''b'
`
  expect(await settings(text)).toEqual([
    { name: 'max_connections', value: '200', line: 2, on: null },
    { name: 'work_mem', value: '8MB', line: 4, on: ['standby', 'reports'] },
    { name: 'listen_addresses', value: "a'b", line: 5, on: ['standby', 'reports'] },
  ])
})

test('a line that cannot be read goes along as it is: the server shall say what it thinks of it', async () => {
  expect(await read('a.conf', 'max_connections == 5')).toMatchObject([
    { kind: 'SettingLine', sql: 'max_connections == 5' },
  ])
})

test('pg_hba.conf is one statement, whole, and may be for several nodes', async () => {
  const text = '# antemortem:on primary\nhost all all all scram-sha-256\n# antemortem:on standby\n'
  expect(await read('10-pg_hba.conf', text)).toMatchObject([
    { kind: 'AccessRules', sql: text, on: ['primary', 'standby'], line: 2 },
  ])
})

test('a comment that lets a rule pass stands before its line', async () => {
  const text = `fsync = on
# antemortem-ignore server/setting-harms: a throw-away until 2999-01-01
fsync = off`
  expect((await read('a.conf', text)).map(({ ignores }) => ignores.length)).toEqual([0, 1])
})

test.each([
  ['a.conf', `include 'b.conf'`, 'change-include'],
  ['a.env', 'A=1', 'change-kind'],
  ['pgbouncer.ini', '[databases]', 'change-kind'],
])('%s with %j is refused', async (name, text, code) => {
  await expect(read(name, text)).rejects.toMatchObject({ code, exit: 2 })
})

test.each([
  ['alter system set max_connections = 200', 'max_connections', '200'],
  [`alter system set work_mem = '8MB'`, 'work_mem', '8MB'],
  ['alter system set fsync = off', 'fsync', 'off'],
  ['alter system reset port', 'port', null],
])('%s is a setting', async (text, name, value) => {
  const [statement] = await read('m.sql', text)
  expect(statement && settingOf(statement.tree)).toEqual({ name, value })
})

test('a role that gets a setting is none of the server', async () => {
  const [statement] = await read('m.sql', `alter role app set work_mem = '8MB'`)
  expect(statement && settingOf(statement.tree)).toBeNull()
})
