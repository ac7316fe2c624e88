import type { ContractFact } from '../core/facts/cluster.ts'
import { redact } from '../core/redact.ts'
import { openSession, type Limits, type LinkFailure, type Session } from '../engines/postgres/index.ts'
import { notPostgres, tooManyRows, tooSlow, wrongNode } from './answer-verdicts.ts'
import { canaryStatement, mostRows, multisetDigest } from './canary.ts'
import { greetingStatement, readGreeting, type Greeting } from './greeting.ts'
import { layerOf, type LayerVerdict, type ProbeContext } from './layer.ts'
import { attemptReplication } from './probe-replication.ts'
import type { ProbeTarget, UsableTarget } from './targets.ts'

export interface ProbeOptions {
  readonly signal: AbortSignal
  readonly canary: string | null
  readonly withinMs: number
  /** This process's secret: digests are comparable within it and mean nothing outside. */
  readonly key: Buffer
  /** The host that probes. */
  readonly from: string
  /** Failures in a row before this one. */
  readonly failures?: number
  /** Left on the node, where a login of replication is tried; null or absent: not known. */
  readonly walsenders?: number | null
}

export interface ProbeResult {
  readonly fact: ContractFact
  /** What to do; null when all is well. */
  readonly remedy: string | null
  /** What the canary answered; null without one, or without an answer. */
  readonly answer: { readonly rows: number; readonly digest: string } | null
  /** Who answered. */
  readonly server: Greeting | null
}

/** How one attempt went; the time ends with the answer, not with the farewell. */
export interface Outcome extends Pick<ProbeResult, 'answer' | 'server'> {
  readonly verdict: LayerVerdict | null
  readonly ms: number
}

/** One new connection as the application makes it, and its canary. Rejects only when aborted: every failure is a result. */
export async function probe(target: ProbeTarget, options: ProbeOptions): Promise<ProbeResult> {
  const { contract, instance, node, route } = target
  const atMs = Date.now()
  const isUsable = 'settings' in target
  const { verdict, answer, server, ms } = isUsable
    ? await attempt(target, options)
    : { verdict: target.problem, answer: null, server: null, ms: 0 }
  const fact: ContractFact = {
    contract,
    instance,
    node,
    from: options.from,
    role: isUsable ? target.settings.user : null,
    atMs,
    ok: verdict === null,
    layer: verdict?.layer ?? null,
    code: verdict?.code ?? null,
    message: verdict === null ? null : redact(verdict.message),
    ms: Math.round(ms * 10) / 10,
    failures: verdict === null ? 0 : (options.failures ?? 0) + 1,
    route,
  }
  return { fact, remedy: verdict?.remedy ?? null, answer, server }
}

async function attempt(target: UsableTarget, options: ProbeOptions): Promise<Outcome> {
  const { settings } = target
  if (settings.source.isReplication) return attemptReplication(target, { ...options, applicationName })
  const { signal } = options
  const { connectTimeoutMs, queryTimeoutMs } = settings.pool
  const startedAt = performance.now()
  const ended = (
    verdict: LayerVerdict | null,
    server: Greeting | null,
    answer: ProbeResult['answer'] = null,
  ): Outcome => ({
    verdict,
    answer,
    server,
    ms: performance.now() - startedAt,
  })
  const failed = (failure: LinkFailure, server: Greeting | null): Outcome =>
    ended(layerOf(failure, contextOf(settings, server)), server)

  const opened = await openSession(settings.address(), { applicationName, signal, deadlineMs: connectTimeoutMs })
  if (!opened.ok) return failed(opened.failure, null)
  const { session } = opened
  const connectMs = performance.now() - startedAt
  // The server's own timeout comes first where it can; ours is for one that says nothing at all.
  const limits = { signal, deadlineMs: queryTimeoutMs + 500 }
  try {
    const greeted = await session.run(greetingStatement(queryTimeoutMs), limits)
    if (!greeted.ok) return failed(greeted.failure, null)
    const server = readGreeting(greeted.rows)
    if (server === null) return ended(notPostgres(settings), null)
    const wrong = wrongNode(target, server)
    if (wrong) return ended(wrong, server)
    const read = await readCanary(session, options, limits)
    if (!read.ok) return failed(read.failure, server)
    if (read.rows > mostRows) return ended(tooManyRows(), server)
    const ms = performance.now() - startedAt
    return ended(tooSlow({ ms, connectMs, withinMs: options.withinMs }), server, {
      rows: read.rows,
      digest: read.digest,
    })
  } finally {
    await leave(session)
  }
}

const applicationName = 'antemortem-probe'

async function readCanary(session: Session, { canary, key }: ProbeOptions, limits: Limits) {
  if (canary === null) return { ok: true, rows: 0, digest: '' } as const
  const answer = await session.run(canaryStatement(canary), limits)
  if (!answer.ok) return answer
  const digests = answer.rows.map((row) => String(Reflect.get(Object(row), 'digest')))
  return { ok: true, rows: digests.length, digest: multisetDigest(digests, key) } as const
}

/** Behind a pooler the server's session goes on to somebody else: the transaction is ended, whatever happened in it. */
async function leave(session: Session): Promise<void> {
  if (!session.lost) {
    const limits = { signal: AbortSignal.timeout(1_000), deadlineMs: 500 }
    await session.run({ text: 'rollback' }, limits).catch(() => undefined)
  }
  await session.close()
}

/** What a failure of these settings is told with. */
export const contextOf = (settings: UsableTarget['settings'], server: Greeting | null): ProbeContext => ({
  role: settings.user,
  database: settings.database,
  source: `${settings.source.file} (${settings.source.keys.join(', ')})`,
  ownTimeoutMs: server?.ownTimeoutMs ?? null,
  queryTimeoutMs: settings.pool.queryTimeoutMs,
})
