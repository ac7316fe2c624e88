import { readdirSync } from 'node:fs'
import { exactMs, parentOf, titleOf } from '../../script/measuring/server-cpu.ts'

const everyMs = 100
/** A process is a copy of the postmaster, title and all, until it has read who connects. */
const namelessMs = 2_000

/** A server by its postmaster. */
export interface Server {
  readonly name: string
  readonly postmaster: number
}

/** Does a process with this title serve the role, or is it a parallel worker of one that does? */
export function serves(title: string, role: string, isOurs: (pid: number) => boolean): boolean {
  const leader = /\bparallel worker for PID (\d+)/.exec(title)?.[1]
  return leader === undefined ? title.split(' ').slice(1, 4).includes(role) : isOurs(Number(leader))
}

/** CPU time of the backends that serve one role, looked at so often that little is lost of one that ends. */
export class RoleCpu implements Disposable {
  readonly #servers: readonly Server[]
  readonly #role: string
  readonly #others = new Set<number>()
  readonly #nameless = new Map<number, number>()
  readonly #ours = new Map<number, { readonly server: string; readonly ms: number }>()
  readonly #ended = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #looks = 0
  #looksWithAll = 0

  constructor(servers: readonly Server[], role: string) {
    this.#servers = servers
    this.#role = role
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  /** Milliseconds of a server since some beginning: only differences mean anything. */
  ms(server: string): number {
    this.#look()
    const running = [...this.#ours.values()].filter((each) => each.server === server)
    return (this.#ended.get(server) ?? 0) + running.reduce((sum, each) => sum + each.ms, 0)
  }

  /** Share of the looks at which every server had a backend of the role. */
  get presence(): number {
    return this.#looks === 0 ? 0 : this.#looksWithAll / this.#looks
  }

  #look(): void {
    const pids = new Set(
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    )
    for (const pid of this.#others) if (!pids.has(pid)) this.#others.delete(pid)
    for (const pid of pids) if (!this.#ours.has(pid) && !this.#others.has(pid)) this.#meet(pid)
    for (const [pid, { server, ms }] of this.#ours) {
      const now = exactMs(pid)
      if (now !== null) this.#ours.set(pid, { server, ms: now })
      else {
        this.#ours.delete(pid)
        this.#ended.set(server, (this.#ended.get(server) ?? 0) + ms)
      }
    }
    const present = new Set([...this.#ours.values()].map(({ server }) => server))
    this.#looks += 1
    if (this.#servers.every(({ name }) => present.has(name))) this.#looksWithAll += 1
  }

  #meet(pid: number): void {
    const parent = parentOf(pid)
    const server = this.#servers.find(({ postmaster }) => postmaster === parent)
    const since = this.#nameless.get(pid) ?? performance.now()
    if (server && serves(titleOf(pid) ?? '', this.#role, (leader) => this.#ours.has(leader)))
      this.#ours.set(pid, { server: server.name, ms: 0 })
    else if (!server || performance.now() - since > namelessMs) this.#others.add(pid)
    else {
      this.#nameless.set(pid, since)
      return
    }
    this.#nameless.delete(pid)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
