import { expect, test } from 'vitest'
import { activeStates, incidentStates, transitionOf, transitions } from './transitions.ts'

test('the rows of one event do not overlap, and lead to states that there are', () => {
  for (const state of [null, ...incidentStates])
    for (const { event } of transitions) {
      const rows = transitions.filter(
        (row) =>
          row.event === event &&
          (state === null ? row.from === 'nothing' : Array.isArray(row.from) && row.from.includes(state)),
      )
      expect(rows.length, `${event} from ${state}`).toBeLessThanOrEqual(1)
    }
})

test('every state can be reached, and from each but the last an incident can go on', () => {
  const reached = new Set<string>(['detected'])
  for (let before = 0; before !== reached.size;) {
    before = reached.size
    for (const state of incidentStates.filter((each) => reached.has(each)))
      for (const { event } of transitions) {
        const to = transitionOf(state, event)?.to
        if (to && to !== 'same') reached.add(to === 'cause' ? 'diagnosing' : to)
      }
  }
  expect([...reached].sort()).toEqual([...incidentStates].sort())
})

test('active states are those from which service can be restored', () => {
  for (const state of incidentStates)
    expect(transitionOf(state, 'service.restored') !== undefined).toBe(activeStates.some((active) => active === state))
})
