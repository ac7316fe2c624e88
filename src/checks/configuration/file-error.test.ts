import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import check from './file-error.ts'

const line = (name: string | null, value: string | null, error: string | null) => ({
  file: '/data/postgresql.conf',
  line: 12,
  name,
  value,
  applied: error === null,
  error,
})

test('a bad value is found before anybody reloads', () => {
  const fileSettings = [line('port', '5432', null), line('work_mem', '4Mb', 'setting could not be applied')]
  expect(findingsOf(check, snapshot({ primary: { fileSettings } }))).toMatchObject([
    {
      subject: 'primary:work_mem',
      severity: 'error',
      evidence: { sourcefile: '/data/postgresql.conf', sourceline: 12, setting: '4Mb' },
    },
  ])
})

test('a line that is no setting has its place for a name', () => {
  expect(findingsOf(check, snapshot({ primary: { fileSettings: [line(null, null, 'syntax error')] } }))).toMatchObject([
    { subject: 'primary:/data/postgresql.conf line 12' },
  ])
})

test('a setting that waits for its restart is no error of the file', () => {
  const primary = {
    fileSettings: [line('max_connections', '200', 'setting could not be applied')],
    pendingRestart: ['max_connections'],
  }
  expect(findingsOf(check, snapshot({ primary }))).toEqual([])
})
