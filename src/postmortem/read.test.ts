import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Postmortem } from './postmortem.ts'
import { readPostmortem } from './read.ts'
import { parcelLabels } from './testing/fixture.ts'

const read = (text: string): Postmortem => readPostmortem(text, 'x.md')
const messages = (text: string): string =>
  read(text)
    .notes.map(({ message }) => message)
    .join('\n')
const timeline = (entries: string, duration = ''): Postmortem =>
  read(`# T\n## Duration: ${duration}\n## Timeline\n${entries}`)

test('the minutes of the original team are counted from its own time line, across midnight', () => {
  const { minutes, start, end, zone, notes } = read(parcelLabels)
  expect(minutes).toEqual({ toCause: 67, total: 105, misleading: 39 })
  expect(zone).toEqual({ stated: 'WAT', offsetMin: 60 })
  expect(start?.atMs).toBe(Date.UTC(2023, 10, 7, 21, 40))
  expect(end?.atMs).toBe(Date.UTC(2023, 10, 7, 23, 25))
  expect(notes.map(({ message }) => message)).toEqual([
    '00:25 is read as the day after the start',
    'somehow is not a form of a guard',
  ])
})

test('each entry has its kind, its wrong turns and its line', () => {
  const told = read(parcelLabels).timeline.map(({ line, kind, wrongTurns }) => [line, kind, ...wrongTurns])
  expect(told).toEqual([
    [11, 'detection'],
    [12, 'misleading', 'network'],
    [14, 'misleading', 'load', 'deployment'],
    [15, 'escalation'],
    [16, 'investigation'],
    [17, 'mitigation'],
    [18, 'resolution'],
  ])
})

test('measures keep their line, and the guards that their author bound', () => {
  expect(read(parcelLabels).measures).toEqual([
    { line: 25, text: 'A1 Wake somebody when a slot is gone', guards: ['check:replication/slot-lost'] },
    { line: 26, text: 'Look at the set-up once a week', guards: ['verify'] },
    { line: 29, text: 'rehearse this night', guards: ['drill:7'] },
  ])
})

test.each([
  ['a system that the text names', parcelLabels, 'Outage of the parcel label printer, 2023-11-07'],
  ['a heading that says something', '# Postmortem\n\n## Labels with old addresses\n', 'Labels with old addresses'],
  ['the front matter', '---\ntitle: Old addresses\n---\n# Other\n', 'Old addresses'],
  ['a first line without a mark', 'Old addresses\nIssue Summary\n', 'Old addresses'],
  ['the file, where there is nothing', '', 'x'],
])('the title is %s', (_, text, title) => {
  expect(read(text).title).toBe(title)
})

test('our own postmortem of outage 0 reads as the original team lived it', () => {
  const file = new URL('../../docs/postmortems/0-auth-schema-update.md', import.meta.url)
  const postmortem = read(readFileSync(file, 'utf8'))
  expect(postmortem.minutes).toEqual({ toCause: 89, total: 153, misleading: 48 })
  expect(postmortem.timeline.flatMap(({ wrongTurns }) => wrongTurns)).toEqual(['network', 'load', 'deployment'])
  expect(new Set(postmortem.measures.flatMap(({ guards }) => guards))).toEqual(
    new Set(['gate:replication/table-not-carried', 'check:replication/row-consistency', 'drill:0']),
  )
  expect(postmortem.notes).toEqual([])
})

test('what an author marked is taken at his word', () => {
  const { timeline: entries } = timeline('- 2024-03-05 10:21 +01:00 [misleading network] Looked at the cables.\n')
  expect(entries[0]).toMatchObject({ kind: 'misleading', wrongTurns: ['network'], text: 'Looked at the cables.' })
  expect(entries[0]?.atMs).toBe(Date.UTC(2024, 2, 5, 9, 21))
})

test('every guess is said: clock times that do not exist, am for pm, zones that disagree', () => {
  const odd = timeline(
    '- 10:30 AM: alarm\n- 10:31 AM: root cause found\n- 11:15 PM: fixed\n- 13:00 PM: restored\n',
    '10 March 2024, 10:30 AM to 13:00 PM GMT',
  )
  expect(odd.minutes.total).toBe(150)
  expect(odd.timeline.map(({ minute }) => minute)).toEqual([0, 1, 45, 150])
  expect(odd.notes.map(({ message }) => message)).toEqual([
    '13:00 PM is not a clock time; read as 13:00',
    '11:15 PM breaks the order; read as twelve hours earlier',
    '13:00 PM is not a clock time; read as 13:00',
  ])
  const zones = timeline('- 10:00 (WAT): alarm\n- 11:00 (WAT): restored\n', '10 March 2024, 10:00 to 11:00 UTC')
  expect(zones.start?.atMs).toBe(Date.UTC(2024, 2, 10, 9))
  expect(zones.notes[0]?.message).toBe('the header says UTC and the time line WAT: read as WAT')
})

test.each([
  ['no time line', '# A\n', /no time line.*\n|neither start nor end/],
  ['no zone', '# A\n## Timeline\n- 10:00 alarm\n', /no time zone is stated/],
  ['an ambiguous zone', '# A\n## Timeline\n- 10:00 CST alarm\n', /no time zone is stated/],
  ['no day', '# A\n## Duration: 10:00 to 11:00 UTC\n', /day of the outage is not stated/],
  [
    'an end before the start',
    '# A\n## Duration: 10 May 2024 10:00 UTC to 9 May 2024 11:00 UTC\n',
    /ends before it starts/,
  ],
  [
    'an entry out of order',
    '# A\n## Duration: 10 May 2024 10:00 to 12:00 UTC\n## Timeline\n- 11:00 alarm\n- 10:30 fixed\n',
    /comes before the entry above/,
  ],
  ['front matter that is no YAML', '---\na: [\n---\n# A\n', /front matter is not YAML/],
])('%s is noted', (_, text, words) => {
  expect(messages(text)).toMatch(words)
})
