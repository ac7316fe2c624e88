import pg from 'pg'

/** A URL, or its parts on this host. */
export type Login =
  | string
  | { readonly port: number; readonly user: string; readonly password: string; readonly database: string }

export type Row = Readonly<Record<string, unknown>>

/** One short session of the lab's own. */
export class Session implements AsyncDisposable {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  static async open(login: Login, applicationName = 'antemortem-lab'): Promise<Session> {
    const client = new pg.Client({
      ...(typeof login === 'string' ? { connectionString: login } : { host: '127.0.0.1', ...login }),
      application_name: applicationName,
      connectionTimeoutMillis: 10_000,
      // A drill may have broken the server's defaults; the lab must still be able to mend them.
      options:
        '-c statement_timeout=60s -c lock_timeout=20s -c search_path=public -c default_transaction_read_only=off',
    })
    // The server's stop while we are idle is not our error; the next statement will say it.
    client.on('error', () => undefined)
    await client.connect()
    return new Session(client)
  }

  static async use<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T> {
    await using session = await Session.open(login)
    return await work(session)
  }

  /** Without values the text may hold several statements; the rows are those of the last. */
  async rows(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const result: unknown =
      values.length === 0 ? await this.#client.query(sql) : await this.#client.query(sql, [...values])
    const last: unknown = Array.isArray(result) ? result.at(-1) : result
    return typeof last === 'object' && last !== null && 'rows' in last && Array.isArray(last.rows) ? last.rows : []
  }

  async each(statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.rows(sql)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end()
  }
}

export const identifier = (name: string): string => pg.escapeIdentifier(name)
export const literal = (value: string): string => pg.escapeLiteral(value)
