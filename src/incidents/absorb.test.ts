import { expect, test } from 'vitest'
import type { EventBody } from '../core/event.ts'
import { restore } from './absorb.ts'
import type { PersonEvent } from './event.ts'
import { stillOpen } from './still-open.ts'
import { aFinding } from './testing/make.ts'

type Body = EventBody | PersonEvent
const incident = 'INC-1'
const opened: Body = { type: 'incident.opened', incident, title: 'nobody can log in', severity: 'critical', sinceMs: 5 }
const restored: Body = { type: 'service.restored', incident, sinceMs: 40 }

const placed = (bodies: readonly Body[]) =>
  bodies.map((body, index) => ({ ...body, atMs: (index + 1) * 10, seq: index + 1, cluster: 'auth' }))

test('merged into another, its findings hang there, and the watcher goes on with that', () => {
  const finding = aFinding()
  const state = restore(
    placed([
      opened,
      { ...opened, incident: 'INC-2' },
      { type: 'finding.opened', finding, incident },
      { type: 'incident.merged', incident, into: 'INC-2' },
    ]),
  )
  expect(state.current).toBe('INC-2')
  expect(state.incidents[incident]).toMatchObject({ state: 'merged', mergedInto: 'INC-2' })
  expect(state.incidents['INC-2']?.findings).toMatchObject([{ check: finding.check }])
})

test('a log whose beginning is missing is read from the first whole incident on', () => {
  expect(restore(placed([restored, opened])).incidents[incident]?.state).toBe('detected')
})

test('findings that were opened and not closed are still open', () => {
  const other = aFinding({ subject: 'contract login:app2' })
  const events = placed([
    { type: 'finding.opened', finding: aFinding() },
    { type: 'finding.opened', finding: other, incident },
    { type: 'finding.closed', finding: aFinding({ message: 'in other words' }) },
  ])
  expect(stillOpen(events)).toEqual([other])
})
