import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './standby-refuses.ts'

test.each([
  [
    `-- antemortem:on standby
select nextval('s')`,
    { cluster: {} },
    ['error standby:nextval @ standby'],
  ],
  [
    `-- antemortem:on standby
create table a (id int)`,
    { cluster: {} },
    ['error standby:CreateStmt @ standby'],
  ],
])('%j: what writes on a standby is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on standby
select 1`,
    { cluster: {} },
    [],
  ],
  [
    `-- antemortem:on standby
alter system set work_mem = 4`,
    { cluster: {} },
    [],
  ],
])('%j: what reads there, and what the server itself takes, is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
