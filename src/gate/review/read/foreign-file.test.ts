import { expect, test } from 'vitest'
import { readFiles, type ReviewFile } from './read-files.ts'

const read = async (file: Omit<ReviewFile, 'before'>) => readFiles([{ ...file, before: null }], null)
const erb = `production:
<% if ENV['REPLICA'] %>
  host: db2
<% end %>
`

test('what nobody has named and cannot be read is said with its line, and stops nobody', async () => {
  const { foreign, notRead } = await read({ name: 'config/database.yml', text: erb, taken: 'settings' })
  expect(foreign).toEqual([])
  expect(notRead).toEqual([
    { file: 'config/database.yml', line: 2, words: expect.stringMatching(/^ERB decides here what the file says/) },
  ])
  const latin = await read({ name: '.env', text: 'NAME=\ufffd', taken: 'settings' })
  expect(latin.notRead).toEqual([{ file: '.env', line: 1, words: 'is no text in UTF-8' }])
})

test.each(['change', 'contract'] as const)('what was named is refused: %s', async (taken) => {
  await expect(read({ name: 'config/database.yml', text: erb, taken })).rejects.toMatchObject({ exit: 2 })
})

test('values that ERB makes are values', async () => {
  const text = `production:\n  host: <%= ENV['DB_HOST'] %>\n  port: 5432\n`
  const { foreign, notRead } = await read({ name: 'config/database.yml', text, taken: 'settings' })
  expect(foreign[0]?.settings.map(({ key }) => key)).toEqual(['production.host', 'production.port'])
  expect(notRead).toEqual([])
})

test('a file that a contract names is read as settings, whatever its name', async () => {
  const { foreign, statements } = await read({ name: 'deploy/shop', text: 'DB_HOST=db1\n', taken: 'contract' })
  expect(foreign).toMatchObject([{ kind: 'application', settings: [{ key: 'DB_HOST', value: 'db1' }] }])
  expect(statements).toEqual([])
})
