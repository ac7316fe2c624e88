import { expect, test } from 'vitest'
import { checks } from '../../src/checks/list.generated.ts'
import type { Change } from '../../src/core/change.ts'
import { subject } from '../../src/core/subject.ts'
import { altered } from './altered.ts'
import { always, expected, toldBy, untested, type StateName } from './expected.ts'
import { jsonOf, readRecording, recorded, versions, type Looks } from './recording.ts'
import type { Look } from './look.ts'
import { lasting, tell, triggers } from './replay.ts'
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

test("a harmless change of any table at the same time is nobody's trigger", () => {
  for (const version of versions())
    for (const name of recorded(version).filter(isName)) {
      const looks = lasting(looksOf(version, name), expected[name].laterMs)
      expect({ name, triggers: triggers(amid(looks)) }).toEqual({ name, triggers: triggers(looks) })
    }
})

/** The same looks; before anything else changed, every table on every node got an index and another default of a column. */
function amid([before, ...looks]: readonly Look[]): readonly Look[] {
  if (!before) return []
  const { nodes } = before.snapshot
  const harmless = nodes.flatMap(({ name, facts: { tables } }): Change[] =>
    (tables.seen ? tables.value : []).flatMap(({ schema, name: table, columns }) =>
      [
        ['no ', ''].map((no) => `${no}index CREATE INDEX amid ON ${schema}.${table} USING btree (id)`),
        [`column ${columns.at(-1)?.name} integer`, `column ${columns.at(-1)?.name} integer default 1`],
      ].map(([was = '', is = ''], n) => ({
        id: `amid ${name} ${schema}.${table} ${n}`,
        atMs: before.snapshot.atMs + 1,
        notBeforeMs: before.snapshot.atMs,
        kind: 'schema',
        object: subject.table(name, schema, table),
        before: was,
        after: is,
        source: 'fingerprint',
      })),
    ),
  )
  return [before, ...looks.map((look, n) => (n === 0 ? { ...look, changes: [...harmless, ...look.changes] } : look))]
}

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
