import { expect, test } from 'vitest'
import { findingsOf, snapshot } from '../../../test/builders.ts'
import type { BadIndexFact } from '../../core/facts/postgres/objects.ts'
import check from './invalid-index.ts'

const index = (more: Partial<BadIndexFact> = {}): BadIndexFact => ({
  schema: 'public',
  table: 'users',
  name: 'users_email_key',
  isUnique: false,
  isBuilding: false,
  ...more,
})
const found = (...badIndexes: readonly BadIndexFact[]) => findingsOf(check, snapshot({ primary: { badIndexes } }))

test('an index that a failed build left is a warning, a unique one an error', () => {
  expect(found(index())).toMatchObject([
    {
      subject: 'primary:public.users_email_key',
      severity: 'warning',
      remedy: expect.stringContaining('reindex index concurrently "public"."users_email_key";'),
    },
  ])
  expect(found(index({ isUnique: true }))).toMatchObject([{ severity: 'error' }])
})

test('what a reindex left behind is dropped, not made again', () => {
  expect(found(index({ name: 'users_pkey_ccnew' }))[0]?.remedy).toContain('drop index concurrently')
})

test('one that is being built is no finding, nor on a standby, which cannot see the building', () => {
  expect(found(index({ isBuilding: true }))).toEqual([])
  expect(findingsOf(check, snapshot({ standby: { badIndexes: [index()] } }))).toEqual([])
})
