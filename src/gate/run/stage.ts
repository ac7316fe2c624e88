import type { NodeLink, Session } from '../../engines/postgres/index.ts'
import { openNode, openSession, readAddress } from '../../engines/postgres/index.ts'
import type { Lab } from '../../lab/lab.ts'
import type { Copies } from './stand-in.ts'
import type { Target } from './targets.ts'

/** The copy while a change is rehearsed in it. */
export interface Stage {
  readonly lab: Lab
  readonly nodes: readonly Target[]
  readonly primary: string
  /** For reading: opened again by itself after a restart. */
  readonly links: ReadonlyMap<string, NodeLink>
  /** What makes the lab a copy once it runs. */
  readonly afterStart: readonly string[]
  /** Where what a change says of real nodes leads in the copy. */
  readonly copies: Copies
  readonly signal: AbortSignal
}

const connectMs = 5000

export interface StageOptions {
  readonly afterStart: readonly string[]
  /** Where each real node listens. */
  readonly listening: readonly { readonly name: string; readonly host: string; readonly port: number }[]
  readonly signal: AbortSignal
}

export async function openStage(lab: Lab, { afterStart, listening, signal }: StageOptions): Promise<Stage> {
  const nodes = lab.nodes.map(({ name, role }) => ({ name, role }))
  const links = await Promise.all(
    nodes.map(async ({ name }) => openNode({ name, url: lab.url(name, 'admin'), signal, deadlineMs: connectMs })),
  )
  return {
    lab,
    nodes,
    primary: nodes.find(({ role }) => role === 'primary')?.name ?? '',
    links: new Map(links.map((link) => [link.name, link])),
    afterStart,
    copies: {
      database: lab.blueprint.database,
      places: listening.flatMap((place) => {
        const copy = lab.nodes.find(({ name }) => name === place.name)
        return copy ? [{ ...place, copyPort: copy.port }] : []
      }),
      password: (role) => lab.password(role),
    },
    signal,
  }
}

/** After each start from the template. */
export async function begin({ lab, primary, afterStart }: Stage): Promise<void> {
  for (const sql of afterStart) await lab.rows(primary, sql)
}

export async function closeStage({ links }: Stage): Promise<void> {
  await Promise.all([...links.values()].map(async (link) => link.close()))
}

/** How long a statement of the change may take; its own deadline ends what no timeout of the server ends (a commit that waits). */
export const statementMs = 30_000

/** A session for the change itself, as superuser; it throws where there is none: the copy's servers are our own. */
export async function openWriter(stage: Stage, node: string): Promise<Session> {
  // An earlier change may have set defaults under which the next one could not be run at all.
  return open(
    stage,
    node,
    `-c lock_timeout=5s -c statement_timeout=${statementMs - 2000} -c default_transaction_read_only=off`,
  )
}

/** A session with the server's own defaults, as an application's: only how values are printed is the same everywhere. */
export async function openClient(stage: Stage, node: string): Promise<Session> {
  const text = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1'
  return open(stage, node, text)
}

async function open({ lab, signal }: Stage, node: string, options: string): Promise<Session> {
  const opened = await openSession(readAddress(lab.url(node, 'admin')), {
    signal,
    deadlineMs: connectMs,
    applicationName: 'antemortem-rehearsal',
    options: `-c jit=off ${options}`,
  })
  if (opened.ok) return opened.session
  throw new Error(`no session on ${node} of the lab: ${opened.failure.message}`)
}

export const followersIn = ({ nodes }: Stage): readonly Target[] => nodes.filter(({ role }) => role !== 'primary')

export function linkOf({ links }: Stage, node: string): NodeLink {
  const link = links.get(node)
  if (link === undefined) throw new Error(`the copy has no node ${node}`)
  return link
}
