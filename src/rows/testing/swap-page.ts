import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../lab/lab.ts'

/** What nobody replicates: a page of a table on the standby as it was before a change, or garbage. */
export interface Swap {
  readonly table: string
  readonly into: 'old page' | 'garbage'
  readonly change: () => Promise<unknown>
  /** Every session on the standby ends. */
  readonly close: () => Promise<void>
}

/** Puts the first page of a table on the standby back to what it was before `change`, or fills it with garbage. */
export async function swapPage(lab: Lab, { table, into, change, close }: Swap): Promise<void> {
  await lab.caughtUp()
  const [row] = await lab.rows('standby', `select pg_relation_filepath($1) as path`, [table])
  const path = join(lab.node('standby').dataDir, String(row?.['path']))
  // Neither a pruned page nor a hint bit may bring a full image of the page later, which would mend the standby.
  const setHints = async (): Promise<unknown> => lab.rows('primary', `select count(*) from ${table}`)
  const flush = async (): Promise<void> => {
    await lab.rows('primary', 'checkpoint')
    await lab.caughtUp()
    await lab.rows('standby', 'checkpoint')
  }
  await setHints()
  await flush()
  const old = Buffer.alloc(8192, 0x5a)
  if (into === 'old page' && pageOf(path, (file) => readSync(file, old, 0, 8192, 0)) !== old.length)
    throw new Error(`${table} has no page on the standby`)
  await change()
  await setHints()
  await flush()
  await close()
  await lab.stop('standby', 'fast')
  pageOf(path, (file) => writeSync(file, old, 0, 8192, 0))
  await lab.start('standby')
  await lab.caughtUp()
}

function pageOf(path: string, use: (file: number) => number): number {
  const file = openSync(path, 'r+')
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}
