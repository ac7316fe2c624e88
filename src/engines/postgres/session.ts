import { Client } from 'pg'
import type { Address } from './address.ts'
import { addressText } from './address.ts'
import { Copy } from './copy.ts'
import type { LinkFailure } from './failure.ts'
import { classify, GaveUp } from './failure.ts'
import { passwordFor } from './passfile.ts'
import { openFirst } from './several-hosts.ts'
import { watchPhase, withDeadline } from './socket.ts'
import { tlsOptions } from './tls.ts'

/** A statement; one with a name is prepared once and then only executed. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly (string | number | boolean | null)[]
}

export interface Limits {
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

export type Answer =
  | {
      readonly ok: true
      readonly rows: readonly unknown[]
      /** Rows that the statement wrote or returned, as its command tag says; null where that has no number. */
      readonly count?: number | null
      readonly tookMs: number
      /** For statements that were asked before it. */
      readonly waitedMs?: number
    }
  | { readonly ok: false; readonly failure: LinkFailure }

interface Failed {
  readonly ok: false
  readonly failure: LinkFailure
}

/** One open connection. What goes wrong is an answer; only an aborted signal rejects. */
export interface Session {
  /** Its backend. */
  readonly pid: number
  /** Why it is no more; null while it is open. */
  readonly lost: LinkFailure | null
  run(statement: Statement, limits: Limits): Promise<Answer>
  /** One COPY: the bytes that the server sent, or none where `data` went to it. */
  copy(text: string, data: readonly Buffer[], limits: Limits): Promise<Copied>
  close(): Promise<void>
}

export type Copied =
  | { readonly ok: true; readonly data: readonly Buffer[] }
  | { readonly ok: false; readonly failure: LinkFailure }

export interface SessionOptions extends Limits {
  readonly applicationName: string
  /** For the whole attempt, where somebody has accepted within the deadline: a slow server answers late. */
  readonly answerMs?: number
  /** Into the startup packet, as `-c name=value`. */
  readonly options?: string
  /** As a receiver connects: to a walsender, of the whole server or of the database. */
  readonly replication?: 'true' | 'database'
}

export type Opened =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly failure: LinkFailure }

const hasColumns = (result: unknown): boolean => {
  const fields: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'fields') : null
  return Array.isArray(fields) && fields.length > 0
}

const rowsOf = (result: unknown): readonly unknown[] => {
  // Several statements in one text give an array of results; the last one that has columns is the answer.
  const all: readonly unknown[] = Array.isArray(result) ? result : [result]
  const last = all.findLast(hasColumns)
  const rows: unknown = typeof last === 'object' && last !== null ? Reflect.get(last, 'rows') : null
  return Array.isArray(rows) ? rows : []
}

const countOf = (result: unknown): number | null => {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result
  const count: unknown = typeof last === 'object' && last !== null ? Reflect.get(last, 'rowCount') : null
  return typeof count === 'number' ? count : null
}

/** Opens one connection, on the first of its hosts that is of the wanted kind; every way of not getting one is a failure by layer. */
export async function openSession(address: Address, options: SessionOptions): Promise<Opened> {
  const isPlain = address.others.length === 0 && address.targetSession === 'any'
  return isPlain ? openAt(address, options) : openFirst(address, options, openAt)
}

async function openAt(address: Address, options: SessionOptions): Promise<Opened> {
  const where = addressText(address)
  const socket = watchPhase(address.host)
  try {
    const tls = tlsOptions(address)
    const opened = await connect(address, tls, socket, options)
    return { ok: true, session: opened }
  } catch (error) {
    options.signal.throwIfAborted()
    const failure = classify(socket.notPostgres() ?? error, socket.phase(), where)
    // libpq's `prefer`: a server without TLS is asked again in plain text.
    if (address.sslMode === 'prefer' && failure.layer === 'tls' && failure.message.includes('does not support SSL'))
      return openAt({ ...address, sslMode: 'disable' }, options)
    return { ok: false, failure }
  }
}

const isAccepted = (phase: ReturnType<ReturnType<typeof watchPhase>['phase']>): boolean =>
  phase !== 'dns' && phase !== 'tcp'

async function connect(
  address: Address,
  tls: ReturnType<typeof tlsOptions>,
  socket: ReturnType<typeof watchPhase>,
  { applicationName, options, replication, signal, deadlineMs, answerMs = deadlineMs }: SessionOptions,
): Promise<Session> {
  signal.throwIfAborted()
  const password = await passwordFor(address)
  const given = [address.options, options].filter((part) => part != null && part !== '').join(' ')
  const client = new Client({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    // A function, because an absent password makes pg read .pgpass itself, with a warning.
    password: () => password ?? '',
    ssl: tls,
    application_name: applicationName,
    options: given,
    stream: () => socket.stream,
  })
  // Where nothing is given pg takes our own PGOPTIONS; and poolers refuse the parameter, whatever is in it.
  const parameters = Object(Reflect.get(client, 'connectionParameters'))
  Reflect.set(parameters, 'options', given)
  // Not in pg's types; it goes into the startup packet as it is.
  if (replication) Reflect.set(parameters, 'replication', replication)
  let lost: LinkFailure | null = null
  const where = addressText(address)
  // The first event carries the reason; a second one only says that the connection has ended.
  client.on('error', (error) => (lost ??= classify(error, 'ready', where)))
  client.on('end', () => (lost ??= classify(new GaveUp('CLOSED', 'connection closed'), 'ready', where)))
  socket.expectTls(tls !== false, client)
  const lateMs = (): number => (isAccepted(socket.phase()) ? answerMs - deadlineMs : 0)
  await withDeadline(client.connect(), { signal, deadlineMs, lateMs }, socket.destroy)
  socket.settled()

  // One statement at a time: a second one would wait in the driver, where its deadline already runs.
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = async <T>(ask: (startedAt: number) => Promise<T>, limits: Limits): Promise<T | Failed> => {
    const mine = before.then(async () => askNow(ask, limits))
    before = mine.catch(() => undefined)
    return mine
  }
  const askNow = async <T>(ask: (startedAt: number) => Promise<T>, limits: Limits): Promise<T | Failed> => {
    limits.signal.throwIfAborted()
    if (lost) return { ok: false, failure: lost }
    try {
      return await ask(performance.now())
    } catch (error) {
      limits.signal.throwIfAborted()
      const failure = classify(error, 'ready', where)
      if (error instanceof GaveUp) lost = failure
      return { ok: false, failure: lost ?? failure }
    }
  }
  const run = async (statement: Statement, limits: Limits): Promise<Answer> => {
    const askedAt = performance.now()
    return inTurn(async (startedAt) => {
      const { values, ...rest } = statement
      const asked = client.query(values === undefined ? rest : { ...rest, values: [...values] })
      const result: unknown = await withDeadline(asked, limits, socket.destroy)
      const tookMs = performance.now() - startedAt
      const waitedMs = startedAt - askedAt
      return { ok: true as const, rows: rowsOf(result), count: countOf(result), tookMs, waitedMs }
    }, limits)
  }
  const copy = async (text: string, data: readonly Buffer[], limits: Limits): Promise<Copied> =>
    inTurn(async () => {
      const { ended } = client.query(new Copy(text, data))
      return { ok: true as const, data: await withDeadline(ended, limits, socket.destroy) }
    }, limits)
  const close = async (): Promise<void> => {
    lost ??= classify(new GaveUp('CLOSED', 'connection closed'), 'ready', where)
    // A dead peer never acknowledges the end.
    await withDeadline(client.end(), { signal: AbortSignal.timeout(500), deadlineMs: 500 }, socket.destroy).catch(
      socket.destroy,
    )
  }
  // Not in pg's types; it stands in every negotiation of a session.
  const pid: unknown = Reflect.get(client, 'processID')
  return {
    pid: typeof pid === 'number' ? pid : 0,
    get lost() {
      return lost
    },
    run,
    copy,
    close,
  }
}
