import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../../core/error.ts'
import { addressText, readAddress } from './address.ts'
import { backoffMs } from './backoff.ts'
import type { LinkFailure } from './failure.ts'
import { resolveUrl } from './resolve.ts'
import type { ReaderLimits, ReaderSession } from './reader-session.ts'
import { openReader } from './reader-session.ts'

export interface NodeOptions {
  readonly name: string
  /** A connection string, or `env:NAME`, `file:PATH`, `service=NAME` that lead to one. */
  readonly url: string
  readonly applicationName?: string
  readonly signal: AbortSignal
  /** For one attempt to connect. */
  readonly deadlineMs: number
  /** For an attempt that was accepted in time by a server that answers slowly. */
  readonly answerMs?: number
  readonly statementTimeoutMs?: number
}

/** How the last attempt to connect went. */
export interface Attempt {
  readonly atMs: number
  readonly ok: boolean
  readonly ms: number
  readonly detail: string | null
  /** The server answered, if only to refuse. */
  readonly reached: boolean
}

export type Reached =
  | { readonly ok: true; readonly reader: ReaderSession }
  | { readonly ok: false; readonly failure: LinkFailure }

/** The watcher's own connection to one node: opened again by itself, with a pause that grows. */
export interface NodeLink {
  readonly name: string
  /** Without a secret. */
  readonly address: string
  /** This host: every result says from where it was made. */
  readonly from: string
  readonly lastAttempt: Attempt | null
  /** The open session; makes a new one when there is none and the pause is over. Rejects only when aborted. */
  reach(signal: AbortSignal, deadlineMs?: number): Promise<Reached>
  close(): Promise<void>
}

/** A link to a node. It does not have to answer: only a connection string that cannot be read throws. */
export async function openNode(options: NodeOptions): Promise<NodeLink> {
  const { name, signal, deadlineMs, applicationName = 'antemortem', statementTimeoutMs = 4000 } = options
  const { answerMs = deadlineMs } = options
  const link = new Link(name, options.url, { deadlineMs, answerMs, applicationName, statementTimeoutMs })
  const reaching = link.reach(signal)
  // One that is slow to answer goes on while the others are looked at.
  reaching.catch(() => undefined)
  const ended = new AbortController()
  const late = sleep(deadlineMs, undefined, { signal: ended.signal }).catch(() => undefined)
  await Promise.race([reaching, late]).finally(() => ended.abort())
  return link
}

/** Layers that fail before anybody has answered. */
const unreached: ReadonlySet<string | null> = new Set(['dns', 'tcp', 'latency'])

class Link implements NodeLink {
  readonly name: string
  readonly address: string
  readonly from = hostname()
  lastAttempt: Attempt | null = null
  readonly #url: string
  readonly #options: Omit<ReaderLimits, 'signal'>
  #reader: ReaderSession | null = null
  #failure: LinkFailure | null = null
  #failures = 0
  #notBefore = 0
  #closed = false
  #opening: Promise<Reached> | null = null

  constructor(name: string, url: string, options: Omit<ReaderLimits, 'signal'>) {
    this.name = name
    this.#url = url
    this.#options = options
    this.address = addressText(readAddress(resolveUrl(url, name)))
  }

  async reach(signal: AbortSignal, deadlineMs = this.#options.deadlineMs): Promise<Reached> {
    if (this.#reader && this.#reader.session.lost) {
      this.#failure = this.#reader.session.lost
      this.#reader = null
    }
    if (this.#reader) return { ok: true, reader: this.#reader }
    if (this.#failure && (this.#closed || performance.now() < this.#notBefore))
      return { ok: false, failure: this.#failure }
    this.#opening ??= this.#open(signal, deadlineMs).finally(() => (this.#opening = null))
    return this.#opening
  }

  async #open(signal: AbortSignal, deadlineMs: number): Promise<Reached> {
    const atMs = Date.now()
    const startedAt = performance.now()
    const opened = await this.#try({ ...this.#options, signal, deadlineMs })
    const ms = performance.now() - startedAt
    this.lastAttempt = {
      atMs,
      ok: opened.ok,
      ms,
      detail: opened.ok ? null : opened.failure.message,
      reached: opened.ok || !unreached.has(opened.failure.layer),
    }
    if (opened.ok) {
      this.#failures = 0
      this.#reader = opened.reader
    } else {
      this.#failures += 1
      this.#failure = opened.failure
      this.#notBefore = performance.now() + backoffMs(this.#failures, opened.failure.layer)
    }
    if (opened.ok && this.#closed) await opened.reader.session.close()
    return opened
  }

  async #try(limits: ReaderLimits): Promise<Reached> {
    try {
      // Read anew: a password or address behind `env:`, `file:` or `service=` may have been mended meanwhile.
      return await openReader(readAddress(resolveUrl(this.#url, this.name)), limits)
    } catch (error) {
      // A secret file that has gone since we started is a fact about that node, not the end of watching all others.
      if (!(error instanceof AntemortemError)) throw error
      const { code, message, hint: remedy } = error
      return { ok: false, failure: { why: 'not-configured', layer: 'dns', code, message, remedy, phase: 'dns' } }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const reader = this.#reader
    this.#reader = null
    await reader?.session.close()
  }
}
