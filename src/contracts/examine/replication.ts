import type {
  ReplicationAddress,
  ReplicationLogins,
  SenderLogin,
} from '../../engines/postgres/logins/replication-logins.ts'

/** A login by which one server follows another, as far as it can be seen. */
export interface ReplicationResult {
  readonly node: string
  /** null: its node could not be asked. */
  readonly kind: 'standby' | 'subscription' | null
  /** Of the subscription; null for a standby. */
  readonly name: string | null
  readonly host: string | null
  readonly port: number | null
  readonly user: string | null
  readonly slot: string | null
  /** null: its node could not be asked. */
  readonly ok: boolean | null
  readonly message: string
  readonly remedy: string | null
}

/** No program holds its password: what is open was let in, and the next try is the receiver's own. */
const notTried = 'seen, not tried: its password is not ours to read'

/** Every login of replication in a cluster, by what each node says. `null`: it could not be asked. Pure. */
export function replicationResults(
  nodes: readonly { readonly node: string; readonly logins: ReplicationLogins | null }[],
): readonly ReplicationResult[] {
  const senders = nodes.flatMap(({ logins }) => logins?.senders ?? [])
  return nodes.flatMap(({ node, logins }) => {
    if (logins === null) return [notSeen(node)]
    const { standby, subscriptions } = logins
    const found: ReplicationResult[] = []
    if (standby && standby.isConfigured !== false) {
      const ok = standby.status === 'streaming'
      const known = senderOf(senders, standby.slot, null)
      found.push({
        ...placeOf(standby, known),
        node,
        kind: 'standby',
        name: null,
        slot: standby.slot,
        ok,
        message: ok ? `streaming (${notTried})` : `its walreceiver ${standby.status ?? 'does not run'}`,
        remedy: ok
          ? null
          : `Look into the log of ${node}: it says what primary_conninfo meets. Then compare its host, user and password with pg_hba.conf and the role of the node that it follows.`,
      })
    }
    for (const subscription of subscriptions) {
      const { name, enabled, runs, slot } = subscription
      const known = senderOf(senders, slot, name)
      found.push({
        ...placeOf(subscription, known),
        node,
        kind: 'subscription',
        name,
        slot,
        ok: enabled ? runs : null,
        message: !enabled ? 'is disabled' : runs ? `its worker runs (${notTried})` : 'its worker does not run',
        remedy:
          !enabled || runs
            ? null
            : `Look into the log of ${node}: it says what subscription ${name} meets; then alter subscription ${name} connection '…' there.`,
      })
    }
    return found
  })
}

const senderOf = (senders: readonly SenderLogin[], slot: string | null, application: string | null) =>
  senders.find((sender) => (slot !== null && sender.slot === slot) || sender.application === application)

const placeOf = ({ host, port, user }: ReplicationAddress, sender: SenderLogin | undefined) => ({
  host,
  port,
  user: user ?? sender?.user ?? null,
})

const notSeen = (node: string): ReplicationResult => ({
  node,
  kind: null,
  name: null,
  host: null,
  port: null,
  user: null,
  slot: null,
  ok: null,
  message: 'cannot be seen: the reading role gets no answer there',
  remedy: `Give ${node} an address in the configuration that answers: antemortem check says what is wrong with it.`,
})
