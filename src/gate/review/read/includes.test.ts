import { expect, test } from 'vitest'
import { readFiles } from './read-files.ts'

const read = async (files: Readonly<Record<string, string>>) =>
  readFiles(
    Object.entries(files).map(([name, text]) => ({ name, text, before: null })),
    null,
  )

test('an include that was given is read by itself, one that was not is told', async () => {
  const files = {
    'pg/postgresql.conf': `include_dir 'conf.d'\ninclude = 'more.conf'\ninclude_if_exists '../other/x.conf'\n`,
    'pg/conf.d/a.conf': 'fsync = off\n',
    'other/x.conf': 'port = 6543\n',
  }
  const { settings, notRead } = await read(files)
  expect(settings.map(({ name }) => name)).toEqual(['fsync', 'port'])
  expect(notRead).toEqual([
    { file: 'pg/postgresql.conf', line: 2, words: 'include more.conf: name what it reads, too' },
  ])
})

test('rules of an included file stand at the place of its include', async () => {
  const { accessFiles, notRead } = await read({
    'pg_hba.conf': 'local all all peer\ninclude_dir hba.d\ninclude elsewhere.conf\nhost all all all reject\n',
    'hba.d/20.conf': 'host b all all md5\n',
    'hba.d/10.conf': 'host a all all md5\nnonsense\n',
    'hba.d/.hidden.conf': 'host hidden all all md5\n',
  })
  const [file, ...others] = accessFiles
  expect(file?.lines.map(({ line, databases }) => `${line} ${databases.join()}`)).toEqual([
    '1 all',
    '2 a',
    '2 b',
    '4 all',
  ])
  expect(file?.unknownAt).toEqual([3])
  expect(notRead).toEqual([{ file: 'pg_hba.conf', line: 3, words: 'include elsewhere.conf: name what it reads, too' }])
  // What is hidden no server reads, and here it is a piece of which nobody knows the rest.
  expect(others.map(({ at, unknownAt }) => [at.file, unknownAt])).toEqual([['hba.d/.hidden.conf', [0]]])
})

test('a line of an included file that cannot be read has its own place', async () => {
  const { unreadable } = await read({ 'pg_hba.conf': 'include a/b.conf\n', 'a/b.conf': '\nnonsense\n' })
  expect(unreadable).toMatchObject([{ at: { file: 'a/b.conf', line: 2 } }])
})

test('files that include each other end', async () => {
  const { accessFiles } = await read({ 'pg_hba.conf': 'include a.conf\n', 'a.conf': 'include pg_hba.conf\n' })
  expect(accessFiles.map(({ lines }) => lines)).toEqual([[]])
})
