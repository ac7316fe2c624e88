import type { Layer } from '../../core/facts/cluster.ts'
import type {
  ReplicationAddress,
  ReplicationLogins,
  SenderLogin,
} from '../../engines/postgres/logins/replication-logins.ts'
import type { TriedLogin, TriedLogins } from '../../engines/postgres/logins/try-replication.ts'
import { layerOf } from '../layer.ts'

/** A login by which one server follows another, as far as it can be seen or tried. */
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
  /** The host that tried it; null: it was not tried. */
  readonly from: string | null
  /** Where the try failed; null: it was let in, or not tried. */
  readonly layer: Layer | null
  readonly code: string | null
  readonly message: string
  readonly remedy: string | null
}

/** What one node says of its logins, and what came of trying them. */
export interface SeenNode {
  readonly node: string
  /** null: it could not be asked. */
  readonly logins: ReplicationLogins | null
  readonly tried: TriedLogins | null
}

/** Every login of replication in a cluster, by what each node says and by what a try from this host met. Pure. */
export function replicationResults(nodes: readonly SeenNode[], from: string): readonly ReplicationResult[] {
  const senders = nodes.flatMap(({ logins }) => logins?.senders ?? [])
  return nodes.flatMap(({ node, logins, tried }) => {
    if (logins === null) return [notSeen(node)]
    const { standby, subscriptions } = logins
    const found: ReplicationResult[] = []
    if (standby && standby.isConfigured !== false) {
      const isWell = standby.status === 'streaming'
      found.push({
        ...placeOf(standby, senderOf(senders, standby.slot, null)),
        node,
        kind: 'standby',
        name: null,
        slot: standby.slot,
        ...judged(tried?.standby ?? null, {
          node,
          from,
          of: 'primary_conninfo',
          ok: isWell,
          state: isWell ? 'streaming' : `its walreceiver ${standby.status ?? 'does not run'}`,
          remedy: `Look into the log of ${node}: it says what primary_conninfo meets. Then compare its host, user and password with pg_hba.conf and the role of the node that it follows.`,
        }),
      })
    }
    for (const subscription of subscriptions) {
      const { name, enabled, runs, slot } = subscription
      const one = tried?.subscriptions?.get(name) ?? null
      const place = { host: subscription.host ?? one?.host ?? null, port: subscription.port ?? one?.port ?? null }
      found.push({
        ...placeOf({ ...place, user: subscription.user ?? one?.user ?? null }, senderOf(senders, slot, name)),
        node,
        kind: 'subscription',
        name,
        slot,
        ...(enabled
          ? judged(one, {
              node,
              from,
              of: `subconninfo of ${name}`,
              ok: runs,
              state: runs ? 'its worker runs' : 'its worker does not run',
              remedy: `Look into the log of ${node}: it says what subscription ${name} meets; then alter subscription ${name} connection '…' there.`,
            })
          : { ...untried, ok: null, message: 'is disabled', remedy: null }),
      })
    }
    return found
  })
}

type Judgement = Pick<ReplicationResult, 'ok' | 'from' | 'layer' | 'code' | 'message' | 'remedy'>

const untried = { from: null, layer: null, code: null } as const

/** Layers at which another host meets the same; the others are of the way there, and each host has its own. */
const ofLogin: ReadonlySet<Layer> = new Set(['auth', 'role', 'database'])

interface Judging {
  readonly node: string
  readonly from: string
  /** Where its connection string stands. */
  readonly of: string
  /** As it is seen now. */
  readonly ok: boolean
  readonly state: string
  readonly remedy: string
}

/** A stream that runs was let in at its start: only a new login shows whether it would be today. */
function judged(tried: TriedLogin | null, { node, from, of, ok, state, remedy }: Judging): Judgement {
  const asSeen = { ...untried, ok, remedy: ok ? null : remedy }
  if (tried === null) return { ...asSeen, message: `${state} (${notOurs})` }
  if (tried.is === 'not-tried') return { ...asSeen, message: `${state} (seen, not tried: ${tried.why})` }
  if (tried.is === 'let-in') {
    const words = `a new login from ${from} is let in, ${Math.round(tried.ms)} ms${tried.isOwnWay ? '' : `; ${otherWay}`}`
    return { ...asSeen, from, message: `${state} (${words})` }
  }
  const {
    layer,
    code,
    message,
    remedy: mend,
  } = layerOf(tried.failure, {
    role: tried.user ?? '',
    database: tried.database ?? 'replication',
    source: `${of} on ${node}`,
    ownTimeoutMs: null,
    queryTimeoutMs: 0,
  })
  const said = `a new login from ${from} fails at its ${layer ?? 'connection'}: ${message}`
  const met = { from, layer, code }
  // Its own walsender is among those that are taken.
  const isItsOwn = layer !== null && (layer === 'capacity' ? !ok : tried.isOwnWay || ofLogin.has(layer))
  if (isItsOwn) return { ...met, ok: false, message: `${state}, and ${said}`, remedy: mend }
  return {
    ...met,
    ok,
    message: `${state} (${said}${tried.isOwnWay ? '' : `; ${otherWay}`})`,
    remedy: ok ? null : remedy,
  }
}

/** No role of ours holds its password. */
const notOurs = 'seen, not tried: its connection string is not ours to read'
const otherWay = 'from its own host the way is another one'

/** The connection of a standby or subscription, as the server sees it that is followed. */
export const senderOf = (senders: readonly SenderLogin[], slot: string | null, application: string | null) =>
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
  ...untried,
  ok: null,
  message: 'cannot be seen: the reading role gets no answer there',
  remedy: `Give ${node} an address in the configuration that answers: antemortem check says what is wrong with it.`,
})
