import { createHash, randomUUID } from 'node:crypto'
import type { JournalEntry, Plan } from '../../../core/plan.ts'
import type { Lab } from '../../../lab/lab.ts'
import { carryOut, resume } from '../../../plans/carry-out.ts'
import { undoOf } from '../../../plans/undo-of.ts'
import { compareTable } from '../../../rows/compare-table.ts'
import { asPublished } from '../../../rows/prepare.ts'
import { openStore } from '../../../store/open.ts'
import type { Store } from '../../../store/store.ts'
import { clusterOf } from '../../testing/situation.ts'
import { rowDoersOf } from '../doers.ts'
import { gather, type Reported } from '../gather.ts'
import { pairOf } from '../on-both.ts'
import { planRows, type RowsPlan } from '../plan.ts'
import { keptIn, rowsReachOf, type RowsReach } from '../reach.ts'
import type { Direction } from '../table-rows.ts'

/** The subscriber takes the primary's rows. */
export const toReports: Direction = {
  left: 'primary',
  right: 'reports',
  subscription: 'reports_sub',
  target: 'reports',
  source: 'primary',
}

export const toPrimary: Direction = {
  left: 'primary',
  right: 'standby',
  subscription: null,
  target: 'primary',
  source: 'standby',
}

export interface Acting {
  /** Other acting addresses than the superuser's. */
  readonly act?: Readonly<Record<string, string>>
  readonly file?: string
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Repairs rows in one lab, with one store. */
export class Repairing implements AsyncDisposable {
  readonly store: Store
  readonly reach: RowsReach
  readonly leaseTtlMs = 300

  private constructor(store: Store, lab: Lab, act: Readonly<Record<string, string>>) {
    this.store = store
    this.reach = rowsReachOf(
      clusterOf(lab, act),
      keptIn(store, () => undefined),
    )
  }

  static async in(lab: Lab, { act = {}, file = ':memory:' }: Acting = {}): Promise<Repairing> {
    return new Repairing(await openStore(`sqlite:${file}`, { clock: Date.now }), lab, act)
  }

  /** What a comparison finds now. */
  async compare(direction: Direction, names: readonly string[]): Promise<readonly Reported[]> {
    const { signal } = new AbortController()
    return this.reach.read(signal, async (links) => {
      const pair = await pairOf(links, direction)
      const reported: Reported[] = []
      for (const table of names) {
        const scope = await asPublished(pair, { schema: 'public', table }, signal)
        const differing: Reported['report']['differing'][number][] = []
        let [verdict, detail, more]: [Reported['report']['verdict'], string | null, boolean] = [
          'consistent',
          null,
          false,
        ]
        for await (const chunk of compareTable(pair, scope, {}, signal)) {
          differing.push(...chunk.differing)
          more ||= chunk.more
          if (chunk.verdict === 'consistent') continue
          verdict = chunk.verdict
          detail = chunk.detail
        }
        reported.push({ schema: 'public', table, report: { verdict, detail, more, differing } })
      }
      return reported
    })
  }

  async plan(direction: Direction, names: readonly string[]): Promise<RowsPlan> {
    return this.planFrom(direction, await this.compare(direction, names))
  }

  async planFrom(direction: Direction, reported: readonly Reported[]): Promise<RowsPlan> {
    const { target, tables } = await gather(this.reach, direction, reported, new AbortController().signal)
    const id = `repair-${randomUUID().slice(0, 8)}`
    return planRows({ id, cluster: 'auth', atMs: Date.now(), digest, direction, target, expected: null, tables })
  }

  /** `meanwhile` sees each entry when it is on the disk, before the plan goes on. */
  async apply(plan: Plan, meanwhile?: (said: string) => Promise<unknown>): Promise<readonly string[]> {
    return said(carryOut(plan, rowDoersOf(this.reach), this.deps), meanwhile)
  }

  async resume(plan: Plan): Promise<readonly string[]> {
    return said(resume(plan.id, rowDoersOf(this.reach), this.deps))
  }

  async undo(plan: Plan): Promise<readonly string[]> {
    return this.apply(undoOf(plan, await this.store.journal(plan.id)))
  }

  async last(plan?: Plan): Promise<JournalEntry | undefined> {
    const id = plan?.id ?? (await this.store.plans()).at(-1)?.id ?? ''
    return (await this.store.journal(id)).at(-1)
  }

  get deps() {
    return { store: this.store, clock: Date.now, leaseTtlMs: this.leaseTtlMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
  }
}

async function said(
  entries: AsyncIterable<JournalEntry>,
  meanwhile: (said: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly string[]> {
  const all: string[] = []
  for await (const { phase, n, output } of entries) {
    if (phase === 'failed' || phase === 'unknown') all.push(`${phase} ${n}: ${String(output['error'])}`)
    else all.push(`${phase} ${n}`)
    await meanwhile(`${phase} ${n}`)
  }
  return all
}

/** Every row of a table as its output functions print it. */
export async function textOf(lab: Lab, node: string, table: string): Promise<string> {
  const [row] = await lab.rows(
    node,
    `set extra_float_digits = 1; set timezone = 'UTC'; select string_agg(t::text, E'\\n' order by t::text collate "C") as text from ${table} t`,
  )
  return String(row?.['text'])
}
