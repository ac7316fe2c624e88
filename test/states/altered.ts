import type { PostgresFacts } from '../../src/core/facts/postgres/index.ts'
import { seen } from '../../src/core/observation.ts'
import type { NodeView } from '../../src/core/snapshot.ts'
import type { Expected } from './expected.ts'
import type { Look } from './look.ts'

/** A state that was not recorded but made from a healthy recording: years, other hardware or another clock would be needed. */
export interface Altered extends Expected {
  readonly alter: (look: Look) => Look
}

type Known = Pick<PostgresFacts, 'server' | 'receiver' | 'databases' | 'settings'>
type Alter = (facts: Known) => Partial<Known>

const minutes = (n: number): number => n * 60_000

export const altered: Readonly<Record<string, Altered>> = {
  'xid-age': {
    words: 'transaction ids run out',
    laterMs: minutes(1),
    found: ['error capacity/xid-wraparound primary:database auth'],
    causes: [],
    incident: false,
    alter: on('primary', ({ databases }) => ({
      databases: databases.map((one) => (one.name === 'auth' ? { ...one, xidAge: 1_700_000_000 } : one)),
    })),
  },
  'clock-ahead': {
    words: 'the clock of the standby is half a minute ahead',
    laterMs: minutes(2),
    found: ['warning configuration/clock-skew standby'],
    causes: [],
    incident: false,
    alter: on('standby', ({ server, receiver }) => ({
      server: { ...server, nowMs: server.nowMs + 30_000 },
      receiver: receiver.map((one) => ({ ...one, clockAheadMs: 30_008 })),
    })),
  },
  'another-system': {
    words: 'the address of the standby leads to a standby of something else',
    laterMs: minutes(1),
    found: ['error availability/candidate-exists primary', 'error replication/system-id-mismatch standby'],
    causes: [],
    incident: false,
    alter: on('standby', ({ server }) => ({ server: { ...server, systemId: '1' } })),
  },
  'without-checksums': {
    words: 'a server was made without checksums',
    laterMs: minutes(1),
    found: [
      'warning configuration/changed-since-lkg reports:data_checksums',
      'warning integrity/checksums-off reports:data_checksums',
    ],
    causes: [],
    incident: false,
    alter: on('reports', ({ settings }) => ({ settings: { ...settings, data_checksums: 'off' } })),
  },
}

/** The facts of one node, where all of them were seen. */
function on(name: string, alter: Alter): (look: Look) => Look {
  const alterNode = (node: NodeView): NodeView => {
    const { server, receiver, databases, settings } = node.facts
    if (node.name !== name || !server.seen || !receiver.seen || !databases.seen || !settings.seen) return node
    const known = {
      server: server.value,
      receiver: receiver.value,
      databases: databases.value,
      settings: settings.value,
    }
    const other = alter(known)
    return {
      ...node,
      facts: {
        ...node.facts,
        server: seen(server.atMs, other.server ?? known.server),
        receiver: seen(receiver.atMs, other.receiver ?? known.receiver),
        databases: seen(databases.atMs, other.databases ?? known.databases),
        settings: seen(settings.atMs, other.settings ?? known.settings),
      },
    }
  }
  return (look) => ({ ...look, snapshot: { ...look.snapshot, nodes: look.snapshot.nodes.map(alterNode) } })
}
