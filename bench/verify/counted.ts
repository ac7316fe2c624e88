import { openNode, type NodeLink } from '../../src/engines/postgres/index.ts'
import type { NodeReader } from '../../src/engines/postgres/rows/node-reader.ts'
import { nodeReader } from '../../src/engines/postgres/rows/node-reader.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { Pair } from '../../src/rows/fence.ts'
import { exactMs } from '../../script/measuring/server-cpu.ts'

const limits = { statementTimeoutMs: 60_000, deadlineMs: 10_000 } as const

/** Sessions to the three nodes, with what they were asked and what that cost their backends. */
export class Counted implements AsyncDisposable {
  statements = 0
  /** Of these, those that read rows: not the self-test, the catalogue, or how far a target has come. */
  ofRows = 0
  readonly #links: ReadonlyMap<string, NodeLink>
  readonly #signal: AbortSignal

  private constructor(links: readonly NodeLink[], signal: AbortSignal) {
    this.#links = new Map(links.map((link) => [link.name, link]))
    this.#signal = signal
  }

  static async open(lab: Lab, signal: AbortSignal): Promise<Counted> {
    const open = async (name: string): Promise<NodeLink> =>
      openNode({ name, url: lab.url(name, 'watch'), signal, ...limits })
    return new Counted(await Promise.all(lab.nodes.map(async ({ name }) => open(name))), signal)
  }

  reader(name: string): NodeReader {
    const reader = nodeReader(this.#link(name))
    return {
      name,
      run: async (statement, asked) => {
        this.statements += 1
        if (statement.text.includes('from "public".')) this.ofRows += 1
        return reader.run(statement, asked)
      },
    }
  }

  pair(kind: 'physical' | 'logical'): Pair {
    const source = this.reader('primary')
    return kind === 'physical'
      ? { source, target: this.reader('standby'), follows: { kind } }
      : { source, target: this.reader('reports'), follows: { kind, subscription: 'reports_sub' } }
  }

  /** Of the backends that serve these sessions: only differences mean anything, and only while none is lost. */
  async cpuMs(...names: readonly string[]): Promise<number> {
    const each = names.map(async (name) => {
      const reached = await this.#link(name).reach(this.#signal)
      return reached.ok ? (exactMs(reached.reader.session.pid) ?? Number.NaN) : Number.NaN
    })
    return (await Promise.all(each)).reduce((sum, ms) => sum + ms, 0)
  }

  #link(name: string): NodeLink {
    const link = this.#links.get(name)
    if (!link) throw new Error(`no link to ${name}`)
    return link
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links.values()].map(async (link) => link.close()))
  }
}
