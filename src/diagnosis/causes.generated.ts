// Written by `npm run generate`; not to be edited.
import type { Cause } from '../core/diagnosis.ts'
import applicationError from './causes/application/error.ts'
import replicationApplyConflict from './causes/replication/apply-conflict.ts'
import replicationDivergence from './causes/replication/divergence.ts'
import replicationPublicationIncomplete from './causes/replication/publication-incomplete.ts'
import replicationSchemaDrift from './causes/replication/schema-drift.ts'
import replicationSubscriptionDisabled from './causes/replication/subscription-disabled.ts'

export const causes: readonly Cause[] = [
  applicationError,
  replicationApplyConflict,
  replicationDivergence,
  replicationPublicationIncomplete,
  replicationSchemaDrift,
  replicationSubscriptionDisabled,
]
