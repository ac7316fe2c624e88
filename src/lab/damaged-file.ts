import { appendFileSync, closeSync, openSync, readSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from './lab.ts'

const pageBytes = 8192

/** Where a relation's file lies now. */
export async function fileOf(lab: Lab, node: string, relation: string): Promise<string> {
  const [row] = await lab.rows(node, 'select pg_relation_filepath($1) as path', [relation])
  return join(lab.node(node).dataDir, String(row?.['path']))
}

/** What a disk does to a file while its server is stopped in good order. */
export async function onFile(lab: Lab, node: string, relation: string, damage: (path: string) => void): Promise<void> {
  const path = await fileOf(lab, node, relation)
  await lab.stop(node, 'fast')
  damage(path)
  await lab.start(node)
}

/** A page that was given to the file and never written: valid to everybody who reads, and empty. */
export const zeroPage =
  (page: number) =>
  (path: string): void => {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(pageBytes), 0, pageBytes, page * pageBytes)
    closeSync(file)
  }

/** Pages as they are, with some of their bytes made others; `edit` changes what it is given. */
export const editPage =
  (page: number, edit: (bytes: Buffer) => void) =>
  (path: string): void => {
    const bytes = Buffer.alloc(pageBytes)
    const file = openSync(path, 'r+')
    readSync(file, bytes, 0, pageBytes, page * pageBytes)
    edit(bytes)
    writeSync(file, bytes, 0, pageBytes, page * pageBytes)
    closeSync(file)
  }

/** A file that is longer than it was. */
export const appendTo =
  (bytes: Buffer) =>
  (path: string): void =>
    appendFileSync(path, bytes)

/** A file that has lost its end. */
export const cutTo =
  (pages: number) =>
  (path: string): void =>
    truncateSync(path, pages * pageBytes)
