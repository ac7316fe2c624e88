import { openNode } from '../../engines/postgres/index.ts'
import type { NodeLink } from '../../engines/postgres/index.ts'
import type { NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import { nodeReader } from '../../engines/postgres/rows/node-reader.ts'
import type { Lab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/wait.ts'
import type { Pair } from '../fence.ts'

/** Readers of a lab's three nodes, and what was sent through each. Closed with `using`. */
export class LabReaders implements AsyncDisposable {
  readonly primary: NodeReader
  readonly standby: NodeReader
  readonly reports: NodeReader
  readonly sent: { node: string; text: string }[] = []
  readonly #links: readonly NodeLink[]

  private constructor(links: readonly NodeLink[]) {
    this.#links = links
    const counted = (name: string): NodeReader => {
      const link = links.find((link) => link.name === name)
      if (link === undefined) throw new Error(`no link to ${name}`)
      const reader = nodeReader(link)
      return {
        name,
        run: async (statement, limits) => {
          this.sent.push({ node: name, text: statement.text })
          return reader.run(statement, limits)
        },
      }
    }
    this.primary = counted('primary')
    this.standby = counted('standby')
    this.reports = counted('reports')
  }

  static async open(lab: Lab): Promise<LabReaders> {
    const open = async (name: string): Promise<NodeLink> =>
      openNode({ name, url: lab.url(name, 'watch'), signal: never(), deadlineMs: 5000, statementTimeoutMs: 30_000 })
    return new LabReaders(await Promise.all(['primary', 'standby', 'reports'].map(open)))
  }

  get physical(): Pair {
    return { source: this.primary, target: this.standby, follows: { kind: 'physical' } }
  }

  get logical(): Pair {
    return { source: this.primary, target: this.reports, follows: { kind: 'logical', subscription: 'reports_sub' } }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#links.map(async (link) => link.close()))
  }
}

export const never = (): AbortSignal => new AbortController().signal

/** A table on primary and subscriber, with rows, published, and arrived everywhere. */
export async function publishTable(
  lab: Lab,
  name: string,
  ddl: readonly string[],
  rows: readonly string[],
): Promise<void> {
  for (const node of ['primary', 'reports']) for (const sql of ddl) await lab.rows(node, sql)
  for (const sql of rows) await lab.rows('primary', sql)
  await lab.rows('primary', `alter publication auth_pub add table ${name}`)
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  await waitUntil('the first copy', async () => {
    const [row] = await lab.rows(
      'reports',
      `select count(*)::int as n from pg_subscription_rel where srsubstate <> 'r'`,
    )
    return row?.['n'] === 0
  })
  await lab.caughtUp()
}
