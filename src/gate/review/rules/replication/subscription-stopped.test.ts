import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './subscription-stopped.ts'

test.each([
  [
    `-- antemortem:on subscriber
alter subscription sub disable`,
    { cluster: {} },
    ['error subscriber:subscription sub @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
drop subscription sub`,
    {},
    ['error subscriber:subscription sub @ subscriber'],
  ],
])('%j: a subscription that is left switched off is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
alter subscription sub disable;
alter subscription sub enable`,
    { cluster: {} },
    [],
  ],
  [
    `-- antemortem:on subscriber
alter subscription sub refresh publication`,
    { cluster: {} },
    [],
  ],
])('%j: one that is switched on again at the end is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('a subscription that leaves a publication is told', async () => {
  const on = '-- antemortem:on subscriber\n'
  const expected = ['error subscriber:subscription sub @ subscriber']
  expect(await reviewed(rule, `${on}alter subscription sub set publication other`, { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, `${on}alter subscription sub drop publication pub`, { cluster: {} })).toEqual(expected)
  expect(await reviewed(rule, `${on}alter subscription sub set publication pub, other`, { cluster: {} })).toEqual([])
})
