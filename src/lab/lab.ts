import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Damage } from '../core/lab-step.ts'
import type { Blueprint } from './blueprint.ts'
import { writeStandbyFiles } from './build-server.ts'
import { confLines } from './conf.ts'
import { damagePage } from './damage.ts'
import type { Keeper } from './keeper.ts'
import { removeLink } from './lab-directory.ts'
import { nodeOf, serverOf, upstreamOf, type LabNode, type LabState, writeLabState } from './lab-state.ts'
import { isRunning, reloadServer, startServer, stopServer, type StopMode } from './server.ts'
import { Session, type Row } from './sql.ts'
import { release, templateOfLab } from './template-use.ts'
import { followersCaughtUp, putBack, readLog, startAll, stopAll } from './topology.ts'

export type { LabNode } from './lab-state.ts'
export type { StopMode } from './server.ts'

/** As whom to connect: by purpose, or as any role of the blueprint that has a password. */
export type As = 'admin' | 'watch' | 'app' | 'replication' | { readonly role: string }

/** A throw-away topology of running servers. Made by `startLab`; gone with `close`, or with the process. */
export class Lab implements AsyncDisposable {
  readonly #state: LabState
  readonly #keeper: Keeper | null

  constructor(state: LabState, keeper: Keeper | null) {
    this.#state = state
    this.#keeper = keeper
  }

  get dir(): string {
    return this.#state.dir
  }

  get blueprint(): Blueprint {
    return this.#state.blueprint
  }

  /** In the blueprint's order. */
  get nodes(): readonly LabNode[] {
    return this.#state.nodes
  }

  node(name: string): LabNode {
    return nodeOf(this.#state, name)
  }

  /** `postgresql://…`, with the password. */
  url(node: string, as: As): string {
    const { host, port, database } = this.node(node)
    const user = typeof as === 'string' ? this.blueprint.logins[as] : as.role
    const password = this.#state.passwords[user] ?? ''
    return `postgresql://${encodeURIComponent(user)}:${password}@${host}:${port}/${encodeURIComponent(database)}`
  }

  password(role: string): string {
    return this.#state.passwords[role] ?? ''
  }

  /** One statement, or several without values, in a session of its own; as superuser unless told otherwise. */
  async rows(node: string, sql: string, values: readonly unknown[] = [], as: As = 'admin'): Promise<readonly Row[]> {
    return Session.use(this.url(node, as), async (session) => session.rows(sql, values))
  }

  /** A session that stays, under a name of its own in `pg_stat_activity`; whoever asks for it ends it. */
  async session(node: string, applicationName: string, as: As = 'admin'): Promise<Session> {
    return Session.open(this.url(node, as), applicationName)
  }

  /** All that a server has said since it started or was reset. */
  log(node: string): string {
    return readLog(this.#state, node)
  }

  isRunning(node: string): boolean {
    return isRunning(serverOf(this.#state, this.node(node)))
  }

  async start(node: string, signal?: AbortSignal): Promise<void> {
    await startServer(serverOf(this.#state, this.node(node)), signal)
  }

  async stop(node: string, mode: StopMode): Promise<void> {
    await stopServer(serverOf(this.#state, this.node(node)), mode)
  }

  async restart(node: string, signal?: AbortSignal): Promise<void> {
    await this.stop(node, 'fast')
    await this.start(node, signal)
  }

  /** From its next start on a stopped node copies another one, through this slot there. */
  follow(node: string, upstream: string, slot: string): void {
    const to = { ...upstreamOf(this.#state), port: this.node(upstream).port }
    writeStandbyFiles(serverOf(this.#state, this.node(node)), slot, to)
  }

  reload(node: string): void {
    reloadServer(serverOf(this.#state, this.node(node)))
  }

  /** As an operator's hand in postgresql.conf: the last line counts, and only after a reload or a restart. */
  setConf(node: string, settings: Readonly<Record<string, string>>): void {
    appendFileSync(join(this.node(node).dataDir, 'postgresql.conf'), confLines(settings))
  }

  /** As an operator's hand in pg_hba.conf: the first line that matches counts, and only after a reload. */
  addAccessRules(node: string, lines: readonly string[], at: 'top' | 'end'): void {
    const file = join(this.node(node).dataDir, 'pg_hba.conf')
    const text = readFileSync(file, 'utf8')
    const more = lines.map((line) => `${line}\n`).join('')
    writeFileSync(file, at === 'top' ? more + text : text + more)
  }

  /** Damages a page of a table while its server is stopped in good order, and starts it again. */
  async damage(node: string, table: string, damage: Damage, signal?: AbortSignal): Promise<void> {
    const [row] = await this.rows(node, 'select pg_relation_filepath($1) as path', [table])
    await this.stop(node, 'fast')
    damagePage(join(this.node(node).dataDir, String(row?.['path'])), damage)
    await this.start(node, signal)
  }

  /** Until every standby and subscriber has what the primary has written so far; fails where one does not follow. */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    await followersCaughtUp(this.#state, signal)
  }

  /** A clean lab again, whatever was done to it: the same ports and passwords, the first data. */
  async reset(signal?: AbortSignal): Promise<void> {
    const template = templateOfLab(this.#state)
    await stopAll(this.#state, 'immediate')
    putBack(this.#state, template)
    await startAll(this.#state, signal)
  }

  /** It stays when this process ends, from now on; `downLab` takes it away. */
  async detach(): Promise<void> {
    writeLabState({ ...this.#state, detached: true })
    await this.#keeper?.release()
  }

  async close(): Promise<void> {
    await stopAll(this.#state, 'immediate')
    removeLink(this.#state)
    rmSync(this.dir, { recursive: true, force: true })
    release(this.#state)
    await this.#keeper?.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
