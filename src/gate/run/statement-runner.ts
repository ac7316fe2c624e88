import type { GateLock } from '../../core/gate.ts'
import { lsnDistance } from '../../core/lsn.ts'
import type { Footprint } from '../../engines/postgres/ddl/footprint.ts'
import { footprint, footprintRow } from '../../engines/postgres/ddl/footprint.ts'
import type { Answer, Session } from '../../engines/postgres/index.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { transactionWord } from '../change/relations.ts'
import type { StatementResult } from '../rehearsal.ts'
import type { Refusal, Stage } from './stage.ts'
import { openWriter, statementMs, withoutPlace } from './stage.ts'

/** Modes that keep writers or readers out, or will, weakest first: others are everyday work. */
const heldAgainst = [
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]
const writes = new Set(['RowExclusiveLock', ...heldAgainst])

/** Not in a transaction block (CREATE INDEX CONCURRENTLY, ALTER SYSTEM), or a procedure that ends transactions itself. */
const aloneOnly = new Set(['25001', '2D000'])

interface Held {
  readonly lock: Omit<GateLock, 'heldMs'>
  readonly sinceMs: number
  readonly into: GateLock[]
}

/** One session of a file on one node. A statement outside a transaction is put into one, to see what it locks before it ends. */
export class StatementRunner {
  readonly #session: Session
  readonly #node: string
  readonly #signal: AbortSignal
  #open = false
  #held: Held[] = []

  private constructor(session: Session, node: string, signal: AbortSignal) {
    this.#session = session
    this.#node = node
    this.#signal = signal
  }

  /** Or why nobody gets in. */
  static async open(stage: Stage, node: string): Promise<StatementRunner | Refusal> {
    const opened = await openWriter(stage, node)
    return 'refused' in opened ? opened : new StatementRunner(opened.session, node, stage.signal)
  }

  /** The file has begun a transaction and not ended it. */
  get isOpen(): boolean {
    return this.#open
  }

  /** `sql` is what the copy runs in its place, where that is not what stands in the file. */
  async run(statement: ChangeStatement, sql: string = statement.sql): Promise<StatementResult> {
    const word = transactionWord(statement.tree)
    const startedMs = performance.now()
    const before = await this.#look()
    const locks: GateLock[] = []
    const isOurs = word === null && !this.#open
    if (isOurs) await this.#ask('begin')
    // So that a statement which fails for our rows alone can be left out.
    const isInTheirs = word === null && this.#open
    if (isInTheirs) await this.#ask('savepoint antemortem')
    let answer = await this.#ask(sql)
    const inside = answer.ok && (isOurs || this.#open) ? await this.#look() : null
    if (inside && before) this.#hold(before, inside, startedMs, locks)
    if (isOurs) {
      const end = await this.#ask(answer.ok ? 'commit' : 'rollback')
      // A deferred constraint speaks at the end.
      if (answer.ok && !end.ok) answer = end
      else if (!answer.ok && aloneOnly.has(answer.failure.code ?? '')) answer = await this.#ask(sql)
    } else if (isInTheirs) await this.#ask(`${answer.ok ? 'release' : 'rollback to'} savepoint antemortem`)
    else if (answer.ok && word !== null) this.#open = opens(word, this.#open)
    if (!this.#open) this.#release()
    const after = answer.ok ? await this.#look() : null
    return {
      statement,
      node: this.#node,
      error: answer.ok ? null : { code: answer.failure.code, message: withoutPlace(answer.failure.message) },
      locks,
      walBytes: before?.lsn && after?.lsn ? Math.max(0, lsnDistance(before.lsn, after.lsn)) : 0,
      withheld: null,
      touched: [...new Set(inside?.locks.filter(({ mode }) => writes.has(mode)).map(({ table }) => table))],
      tookMs: performance.now() - startedMs,
    }
  }

  /** A statement of ours, as it is; what the server has against it, null for nothing. */
  async plain(sql: string): Promise<string | null> {
    const answer = await this.#ask(sql)
    return answer.ok ? null : withoutPlace(answer.failure.message)
  }

  /** The strongest new lock on each table that was there before: nobody waits for a table that is being made. */
  #hold(before: Footprint, inside: Footprint, sinceMs: number, into: GateLock[]): void {
    const strength = ({ mode }: Footprint['locks'][number]): number => heldAgainst.indexOf(mode)
    for (const lock of inside.locks) {
      const { oid, table, mode } = lock
      const isWeaker = inside.locks.some((other) => other.oid === oid && strength(other) > strength(lock))
      const isKnown = before.locks.some((other) => other.oid === oid && strength(other) >= strength(lock))
      if (isWeaker || isKnown || strength(lock) < 0 || !(String(oid) in before.files)) continue
      const rewrites = inside.files[oid] !== undefined && inside.files[oid] !== before.files[oid]
      this.#held.push({ lock: { node: this.#node, object: table, mode, rewrites }, sinceMs, into })
    }
  }

  /** The transaction has ended, and with it what it held. */
  #release(): void {
    const nowMs = performance.now()
    for (const { lock, sinceMs, into } of this.#held) into.push({ ...lock, heldMs: nowMs - sinceMs })
    this.#held = []
  }

  /** null in a transaction that has failed. */
  async #look(): Promise<Footprint | null> {
    const answer = await this.#ask(footprint)
    return answer.ok ? footprintRow.parse(answer.rows[0]) : null
  }

  async #ask(text: string): Promise<Answer> {
    return this.#session.run({ text }, { signal: this.#signal, deadlineMs: statementMs })
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}

/** `commit and chain` is rare enough to be read as an end. */
const opens = (word: string, isOpen: boolean): boolean => {
  if (word === 'begin' || word === 'start') return true
  return ['commit', 'rollback', 'prepare'].includes(word) ? false : isOpen
}
