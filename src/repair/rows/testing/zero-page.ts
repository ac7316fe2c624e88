import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.ts'

const pageBytes = 8192

/** The first page of a table becomes zeros, as storage loses it: valid for every check, and empty. */
export async function zeroPage(lab: Lab, node: string, table: string): Promise<void> {
  const [row] = await lab.rows(node, 'select pg_relation_filepath($1) as path', [table])
  await lab.stop(node, 'fast')
  const file = openSync(join(lab.node(node).dataDir, String(row?.['path'])), 'r+')
  try {
    writeSync(file, Buffer.alloc(pageBytes), 0, pageBytes, 0)
  } finally {
    closeSync(file)
  }
  await lab.start(node)
  await lab.caughtUp()
}
