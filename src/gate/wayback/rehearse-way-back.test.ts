import { expect, test } from 'vitest'
import { classOf } from './rehearse-way-back.ts'

const seen = { form: 'R1', plan: [], left: [], differing: [], primary: 'db1' } as const

test.each([
  [{}, 'R1', 'what they were'],
  // The form of a type's change promises least; here its rows came back.
  [{ form: 'R3' }, 'R1', 'what they were'],
  // What nobody received meanwhile no copy without load shows.
  [{ form: 'R2' }, 'R2', 'what they were'],
  [{ differing: ['reports:public.users'] }, 'R2', 'copied again'],
  [{ differing: ['db1:public.users', 'reports:public.users'] }, 'R3', 'rows of db1:public.users'],
  [{ left: ['db1:role app'] }, 'R2', 'still otherwise'],
] as const)('%j is %s', (more, rollback, words) => {
  expect(classOf({ ...seen, ...more })).toMatchObject({ rollback, words: expect.stringContaining(words) })
})
