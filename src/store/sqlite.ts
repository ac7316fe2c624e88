import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { CompiledQuery, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import type { DatabaseConnection, SqliteDatabase, SqliteStatement } from 'kysely'
import { isNoFile, storeError } from './sqlite-error.ts'

/** How long a statement waits for another process's transaction. It blocks this process, so ours are short. */
const busyTimeoutMs = 5_000

/** Opens the file, which is readable by its owner only: plans and undo images hold rows of the user's tables. */
export function openSqlite(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    if (path !== ':memory:') createPrivate(path)
    db = new DatabaseSync(path)
    // Before journal_mode: switching takes a lock, and without a timeout the second of two starting processes dies here.
    db.exec(`pragma busy_timeout = ${busyTimeoutMs}`)
    db.exec('pragma journal_mode = wal')
    // In WAL mode the default may lose the last transactions in a power cut (sqlite.org/pragma.html#pragma_synchronous).
    db.exec('pragma synchronous = full')
    db.exec('pragma foreign_keys = on')
    return db
  } catch (error) {
    db?.close()
    throw storeError(path, error)
  }
}

function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    if (!isNoFile(error, 'EEXIST')) throw error
  }
}

/** Kysely's SQLite dialect is written for better-sqlite3; this is node:sqlite behind the same three methods. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #db: SqliteDatabase

  constructor(path: string, db: DatabaseSync) {
    const database = adapt(path, db)
    super({ database })
    this.#db = database
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#db })
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdl()
  }
}

/** SQLite's DDL is transactional: two processes that open a new store at once migrate it one after the other. */
class TransactionalDdl extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** A plain `begin` that reads first and writes later fails at once when another process wrote in between, timeout or not. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** A full disk has rolled back already (sqlite.org/lang_transaction.html): saying so would hide why. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error
    }
  }
}

const adapt = (path: string, db: DatabaseSync): SqliteDatabase => {
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw storeError(path, error)
    }
  }
  return {
    close: () => guard(() => db.close()),
    prepare: (sql) => guard(() => statement(db, sql, guard)),
  }
}

function statement(db: DatabaseSync, sql: string, guard: <T>(work: () => T) => T): SqliteStatement {
  const prepared = db.prepare(sql)
  return {
    // Values are always parameters, so these words are never text. `columns()` would say it too, but only from Node 22.16 on.
    reader: /^\s*(select|with|pragma)\b|\breturning\b/i.test(sql),
    // Its rows have a null prototype, which nothing that compares or clones them expects.
    all: (parameters) => guard(() => prepared.all(...parameters.map(bindable)).map((row) => ({ ...row }))),
    run: (parameters) => guard(() => prepared.run(...parameters.map(bindable))),
    iterate: (parameters) => prepared.iterate(...parameters.map(bindable)),
  }
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
    return value
  throw new TypeError(`a ${typeof value} cannot be stored`)
}
