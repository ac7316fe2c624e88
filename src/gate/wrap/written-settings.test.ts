import { expect, test } from 'vitest'
import { judgeWrapped } from './judge-wrapped.ts'
import { moment, wrapped } from './testing/wrapped.ts'

const line = (name: string, value: string, file = '/data/postgresql.auto.conf') => ({
  file,
  line: 3,
  name,
  value,
  applied: false,
  error: null,
})
const judged = (was: readonly ReturnType<typeof line>[], is: readonly ReturnType<typeof line>[]) => {
  const at = (fileSettings: typeof was) => moment({ primary: { fileSettings } })
  const listening = [{ name: 'primary', host: '10.0.0.1', port: 5432 }]
  return judgeWrapped(wrapped({ was: at(was), is: at(is), listening }), 'error').findings
}

test('an unsafe setting that only stands in the files blocks before anybody reloads them', () => {
  expect(judged([], [line('fsync', 'off')])).toContainEqual(
    expect.objectContaining({
      rule: 'server/setting-harms',
      object: 'primary:fsync',
      severity: 'error',
      remedy: expect.stringContaining('On primary: alter system reset fsync;'),
    }),
  )
})

test('one that stood there before is not the doing of the command, wherever its line is now', () => {
  const moved = { ...line('fsync', 'off'), line: 9 }
  expect(judged([line('fsync', 'off')], [moved]).map(({ rule }) => rule)).not.toContain('server/setting-harms')
})

test('a port that counts after the next start is told with who looks for it', () => {
  expect(judged([], [line('port', '6432')])).toContainEqual(
    expect.objectContaining({ rule: 'server/address-moves', object: 'primary:port', severity: 'critical' }),
  )
})
