import type { AccessRulesFact, PrivilegesFact, RoleFact, RoleSettingFact } from './access.ts'
import type { ActivityFact, DatabaseFact } from './activity.ts'
import type {
  BadIndexFact,
  ExtensionFact,
  FileSettingFact,
  FunctionFact,
  SequenceFact,
  TriggerFact,
} from './objects.ts'
import type { PublicationFact, SubscriptionFact } from './publication.ts'
import type { ReceiverFact, SenderFact, SlotFact, SubscriptionStateFact } from './replication.ts'
import type { TableFact } from './schema.ts'
import type { ServerFact } from './server.ts'
import type { BlockedFact, SessionsFact } from './sessions.ts'
import type { TickFact } from './tick.ts'
import type { WalFact } from './wal.ts'

/** Everything that a PostgreSQL node can say, by key. The observation that reads a key lies in `engines/postgres/observe`. */
export interface PostgresFacts {
  readonly server: ServerFact
  readonly wal: WalFact
  readonly senders: readonly SenderFact[]
  readonly receiver: readonly ReceiverFact[]
  readonly replicationSlots: readonly SlotFact[]
  readonly subscriptionStates: readonly SubscriptionStateFact[]
  readonly sessions: SessionsFact
  readonly blocked: readonly BlockedFact[]
  readonly tick: TickFact
  readonly tables: readonly TableFact[]
  readonly publications: readonly PublicationFact[]
  readonly subscriptions: readonly SubscriptionFact[]
  /** `pg_settings` by name, without what names a secret. */
  readonly settings: Readonly<Record<string, string>>
  /** Settings whose new value waits for a restart (`pg_settings.pending_restart`). */
  readonly pendingRestart: readonly string[]
  readonly activity: ActivityFact
  readonly databases: readonly DatabaseFact[]
  readonly roles: readonly RoleFact[]
  readonly roleSettings: readonly RoleSettingFact[]
  readonly accessRules: AccessRulesFact
  readonly fileSettings: readonly FileSettingFact[]
  readonly privileges: PrivilegesFact
  readonly badIndexes: readonly BadIndexFact[]
  readonly sequences: readonly SequenceFact[]
  readonly extensions: readonly ExtensionFact[]
  readonly functions: readonly FunctionFact[]
  readonly triggers: readonly TriggerFact[]
}

export type FactKey = keyof PostgresFacts
