import { expect, test } from 'vitest'
import { checks } from '../../src/checks/list.generated.ts'
import { altered } from './altered.ts'
import { always, expected, toldBy, untested, type StateName } from './expected.ts'
import { jsonOf, readRecording, recorded, versions, type Looks } from './recording.ts'
import { lasting, tell } from './replay.ts'
import { shapeDifferences } from './shape.ts'

const read = new Map<string, Looks>()

const isName = (name: string): name is StateName => name in expected

test('there is a recording of each state, and a row for each recording', () => {
  expect(versions()).not.toEqual([])
  for (const version of versions()) expect(recorded(version)).toEqual(Object.keys(expected).toSorted())
})

/** Each state is a look-alike for every check and cause that its row does not name. */
test.each(versions().flatMap((version) => recorded(version).map((name) => [version, name] as const)))(
  'PostgreSQL %s, %s: every check and cause says what the table says, and nothing else',
  (version, name) => {
    if (!isName(name)) throw new Error(`no row for ${name}`)
    const row = expected[name]
    expect(tell(lasting(looksOf(version, name), row.laterMs))).toEqual(toldBy(row))
  },
)

test.each(Object.keys(altered))('%s, which no lab can make: the recording of a healthy cluster, altered', (name) => {
  const row = altered[name]
  for (const version of row ? versions() : []) {
    const [before, first, last] = looksOf(version, 'healthy-idle')
    const told = row && tell(lasting([before, first, row.alter(last)], row.laterMs))
    expect(told).toEqual(row && toldBy(row))
  }
})

test('before a state was made nothing was told that is not told of it, too', () => {
  for (const version of versions())
    for (const name of recorded(version).filter(isName)) {
      const known = [...always, ...expected[name].found]
      const { found, incident } = tell(looksOf(version, name).slice(0, 1))
      expect({ name, found: found.filter((line) => !known.includes(line)), incident }).toEqual({
        name,
        found: [],
        incident: false,
      })
    }
})

test('every check that servers alone can make fire has a state that makes it fire, and the others say why not', () => {
  const lines = [always, ...[...Object.values(expected), ...Object.values(altered)].map(({ found }) => found)].flat()
  const firing = new Set(lines.map((line) => line.split(' ')[1]))
  const silent = checks.map(({ id }) => id).filter((id) => !firing.has(id))
  expect(silent).toEqual(Object.keys(untested).toSorted())
})

test('a field that one recording has and another has not is told, and another value is not', () => {
  const [version = ''] = versions()
  const looks = looksOf(version, 'healthy-idle')
  expect(shapeDifferences(looks, looksOf(version, 'replay-paused'))).toEqual([])
  const text = JSON.stringify(jsonOf(looks)).replaceAll('"replayPaused"', '"replay_paused"')
  expect(shapeDifferences(JSON.parse(text), looks)).toContainEqual(expect.stringMatching(/wal\/value: .*replay_paused/))
})

function looksOf(version: string, name: string): Looks {
  const key = `${version}/${name}`
  const looks = read.get(key) ?? readRecording(version, name)
  if (!looks) throw new Error(`no recording of ${name}`)
  read.set(key, looks)
  return looks
}
