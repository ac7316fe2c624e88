import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import type { Address } from '../engines/postgres/index.ts'

/** What belongs to the contract and not to the connection. */
export interface PoolSettings {
  readonly poolMax: number | null
  readonly poolMin: number | null
  readonly connectTimeoutMs: number
  readonly queryTimeoutMs: number
}

export interface SettingsSource {
  readonly file: string
  /** What selects the connection in it, as the configuration says it; null: the file's own rules. */
  readonly key: string | null
  /** The keys that were read, for messages: `DATABASE_URL`, or `DB_HOST, DB_PORT …`. */
  readonly keys: readonly string[]
  /** A standby's own connection: it reaches a walsender, and no database. */
  readonly isReplication: boolean
}

/**
 * How an application connects. A class, so that its password lies in a private field: neither JSON nor `inspect` nor a spread
 * can show it.
 */
export class ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly sslMode: Address['sslMode']
  readonly pool: PoolSettings
  readonly source: SettingsSource
  readonly #address: Address

  constructor(address: Address, pool: PoolSettings, source: SettingsSource) {
    this.#address = address
    this.host = address.host
    this.port = address.port
    this.database = address.database
    this.user = address.user
    this.sslMode = address.sslMode
    this.pool = pool
    this.source = source
  }

  /** With the password: for the driver alone. */
  address(): Address {
    return this.#address
  }

  /** The same login at another address. */
  at({ host, port }: Pick<Address, 'host' | 'port'>): ConnectionSettings {
    return new ConnectionSettings({ ...this.#address, host, port, others: [] }, this.pool, this.source)
  }

  sameAs(other: ConnectionSettings): boolean {
    return (
      this.#address.password === other.#address.password &&
      JSON.stringify(this.#shown()) === JSON.stringify(other.#shown())
    )
  }

  /** Every field as text, to be compared with an earlier reading; the password as a keyed digest. */
  fields(key: Buffer): Readonly<Record<string, string>> {
    const { password } = this.#address
    const digest = password === null ? '' : createHmac('sha256', key).update(password).digest('hex').slice(0, 16)
    return Object.fromEntries([...this.#shown(), ['password', digest] as const])
  }

  /** All but the password. */
  #shown(): readonly (readonly [string, string])[] {
    const { password: _, passFile: __, others, ...rest } = this.#address
    const single = { ...rest, others: others.map(({ host, port }) => `${host}:${port}`).join(',') }
    return Object.entries(single).map(([name, value]) => [name, value === null ? '' : String(value)])
  }

  toJSON(): object {
    const { host, port, database, user, sslMode, source } = this
    return { host, port, database, user, sslMode, source }
  }

  [inspect.custom](): string {
    return `ConnectionSettings(${this.user}@${this.host}:${this.port}/${this.database})`
  }
}
