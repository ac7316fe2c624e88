// Written by `npm run generate`; not to be edited.
import type { Drill } from './scene.ts'
import _0AuthSchemaUpdate from './outages/0-auth-schema-update.ts'
import _0aMigrationDoneRight from './outages/0a-migration-done-right.ts'
import _0bApplicationBug from './outages/0b-application-bug.ts'
import _0cNeverReplicated from './outages/0c-never-replicated.ts'
import _0dSubscriptionDisabled from './outages/0d-subscription-disabled.ts'
import _0eLock from './outages/0e-lock.ts'

export const drills: readonly Drill[] = [
  _0AuthSchemaUpdate,
  _0aMigrationDoneRight,
  _0bApplicationBug,
  _0cNeverReplicated,
  _0dSubscriptionDisabled,
  _0eLock,
]
