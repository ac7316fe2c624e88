import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.ts'

const pageBytes = 8192

/** The first page of a table becomes zeros, as storage loses it: valid for every check, and empty. */
export const zeroPage = async (lab: Lab, node: string, table: string): Promise<void> =>
  putPage(lab, node, await fileOf(lab, node, table), Buffer.alloc(pageBytes))

/** A lost write: the first page of a table is what it was before a change, of which WAL and other nodes know. */
export async function loseWrite(lab: Lab, node: string, table: string, change: string): Promise<void> {
  await lab.rows(node, `select count(*) from ${table}`)
  await lab.rows(node, 'checkpoint')
  await lab.caughtUp()
  const path = await fileOf(lab, node, table)
  const page = Buffer.alloc(pageBytes)
  const file = openSync(path, 'r')
  readSync(file, page, 0, pageBytes, 0)
  closeSync(file)
  await lab.rows(node, change)
  await putPage(lab, node, path, page)
}

async function fileOf(lab: Lab, node: string, table: string): Promise<string> {
  const [row] = await lab.rows(node, 'select pg_relation_filepath($1) as path', [table])
  return join(lab.node(node).dataDir, String(row?.['path']))
}

async function putPage(lab: Lab, node: string, path: string, page: Buffer): Promise<void> {
  await lab.caughtUp()
  await lab.stop(node, 'fast')
  const file = openSync(path, 'r+')
  writeSync(file, page, 0, pageBytes, 0)
  closeSync(file)
  await lab.start(node)
  await lab.caughtUp()
}
