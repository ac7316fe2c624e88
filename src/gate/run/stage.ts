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
  readonly links: Map<string, NodeLink>
  /** What makes the lab a copy once it runs. */
  readonly afterStart: readonly string[]
  /** Where what a change says of real nodes leads in the copy. */
  readonly copies: Copies
  readonly signal: AbortSignal
}

const limits = {
  connectMs: { default: 5000, unit: 'ms', why: 'on loopback; a machine that is slower than that has too much to do' },
  attempts: {
    default: 3,
    unit: 'attempts',
    why: 'a server that has just started is given a moment more on a busy machine',
  },
} as const

export interface StageOptions {
  readonly afterStart: readonly string[]
  /** Where each real node listens. */
  readonly listening: readonly { readonly name: string; readonly host: string; readonly port: number }[]
  readonly signal: AbortSignal
}

export async function openStage(lab: Lab, { afterStart, listening, signal }: StageOptions): Promise<Stage> {
  const nodes = lab.nodes.map(({ name, role }) => ({ name, role }))
  const links = await Promise.all(nodes.map(async ({ name }) => openLink(lab, name, signal)))
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

const openLink = async (lab: Lab, name: string, signal: AbortSignal): Promise<NodeLink> =>
  openNode({ name, url: lab.url(name, 'admin'), signal, deadlineMs: limits.connectMs.default })

/** After each start from the template. */
export async function begin({ lab, primary, afterStart }: Stage): Promise<void> {
  for (const sql of afterStart) await lab.rows(primary, sql)
}

/** The copy as it was before the change. */
export async function startAnew(stage: Stage): Promise<void> {
  await stage.lab.reset(stage.signal)
  for (const { name } of stage.nodes) await knockAgain(stage, name)
  await begin(stage)
}

/** After a start: a link that has met a closed door would wait before it tries again. */
export async function knockAgain({ lab, links, signal }: Stage, node: string): Promise<void> {
  const old = links.get(node)
  if (old?.lastAttempt?.ok !== false) return
  await old.close()
  links.set(node, await openLink(lab, node, signal))
}

export async function closeStage({ links }: Stage): Promise<void> {
  await Promise.all([...links.values()].map(async (link) => link.close()))
}

/** How long a statement of the change may take; its own deadline ends what no timeout of the server ends (a commit that waits). */
export const statementMs = 30_000

/** A session for the change itself, as superuser. */
export async function openWriter(stage: Stage, node: string): Promise<OpenedInCopy> {
  // An earlier change may have set defaults under which the next one could not be run at all.
  return open(
    stage,
    node,
    `-c lock_timeout=5s -c statement_timeout=${statementMs - 2000} -c default_transaction_read_only=off`,
  )
}

/** A session with the server's own defaults, as an application's: only how values are printed is the same everywhere. */
export async function openClient(stage: Stage, node: string): Promise<OpenedInCopy> {
  const text = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1'
  return open(stage, node, text)
}

/** A change may have seen to it that nobody gets in any more. */
export interface Refusal {
  readonly refused: { readonly code: string | null; readonly message: string }
}

type OpenedInCopy = { readonly session: Session } | Refusal

async function open({ lab, signal }: Stage, node: string, options: string): Promise<OpenedInCopy> {
  for (let attempt = 1; ; attempt += 1) {
    const opened = await openSession(readAddress(lab.url(node, 'admin')), {
      signal,
      deadlineMs: limits.connectMs.default,
      applicationName: 'antemortem-rehearsal',
      options: `-c jit=off ${options}`,
    })
    if (opened.ok) return { session: opened.session }
    signal.throwIfAborted()
    // What a server says with a code it will say again; silence may be the machine's.
    const { code, message, layer } = opened.failure
    const isSaid = layer !== null && !slow.has(layer) && code !== '57P03'
    if (isSaid || attempt >= limits.attempts.default) return { refused: { code, message: withoutPlace(message) } }
  }
}

const slow: ReadonlySet<string> = new Set(['tcp', 'latency'])

/** A failure begins with the address of a server that the user has never seen. */
export const withoutPlace = (message: string): string => message.replace(/^127\.0\.0\.1:\d+\/[^:]*: /, '')

export const followersIn = ({ nodes }: Stage): readonly Target[] => nodes.filter(({ role }) => role !== 'primary')

export function linkOf({ links }: Stage, node: string): NodeLink {
  const link = links.get(node)
  if (link === undefined) throw new Error(`the copy has no node ${node}`)
  return link
}
