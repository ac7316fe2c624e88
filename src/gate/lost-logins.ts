import type { ReplicationResult } from '../contracts/examine/replication.ts'
import type { Layer } from '../core/facts/cluster.ts'
import { subject } from '../core/subject.ts'

/** A login of replication that was let in before a change and is refused after it: its stream goes on until it reconnects. */
export interface LostLogin {
  readonly object: string
  readonly node: string
  readonly consequence: string
  readonly message: string
  readonly remedy: string
}

/** By the cause that it will be. */
const consequences: Readonly<Partial<Record<Layer, string>>> = {
  access: 'connection/access-rules',
  auth: 'connection/credentials',
  role: 'connection/credentials',
  database: 'connection/credentials',
  tls: 'connection/tls',
  capacity: 'connection/exhausted',
}

/** By a new login before and after, each as its receiver makes it; one that was not tried before is nobody's fault. Pure. */
export function lostLogins(was: readonly ReplicationResult[], is: readonly ReplicationResult[]): readonly LostLogin[] {
  const letIn = was.filter(({ from, layer }) => from !== null && layer === null)
  return is.flatMap(({ node, kind, name, ok, layer, message, remedy }): readonly LostLogin[] => {
    const wasLetIn = letIn.some((one) => one.node === node && one.kind === kind && one.name === name)
    if (!wasLetIn || ok !== false || layer === null) return []
    const who = name === null ? `standby ${node}` : `subscription ${name} on ${node}`
    return [
      {
        object: name === null ? subject.node(node) : subject.subscription(node, name),
        node,
        consequence: consequences[layer] ?? `replication/${name === null ? 'standby' : 'subscriber'}-disconnected`,
        message: `${who} can no longer log in at whom it follows: ${message}`,
        remedy: remedy ?? 'antemortem contract test says which layer fails.',
      },
    ]
  })
}
