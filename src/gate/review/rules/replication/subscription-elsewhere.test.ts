import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './subscription-elsewhere.ts'

test.each([
  [
    `-- antemortem:on subscriber
alter subscription sub connection 'host=db1 dbname=nowhere'`,
    { cluster: {} },
    ['error subscriber:subscription sub @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter subscription sub connection 'host=db9 dbname=auth'`,
    { cluster: {} },
    ['error subscriber:subscription sub @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter subscription sub connection 'host=db1 dbname=auth'`,
    {},
    ['warning subscriber:subscription sub @ subscriber'],
  ],
])('%j: an address that is not the publisher is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
alter subscription sub connection 'host=db1 port=5432 dbname=auth password=x'`,
    { cluster: {} },
    [],
  ],
])('%j: the publisher under its known address is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
