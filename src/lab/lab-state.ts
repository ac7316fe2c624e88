import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../core/error.ts'
import type { NodeRole } from '../core/snapshot.ts'
import type { Binaries } from './binaries.ts'
import type { Blueprint } from './blueprint.ts'
import type { Passwords } from './build-server.ts'
import type { LabPlace } from './lab-directory.ts'
import { serverOwner } from './owner.ts'
import type { Upstream } from './replication.ts'
import type { Server } from './server.ts'

export interface LabNode {
  readonly name: string
  readonly role: NodeRole
  readonly host: '127.0.0.1'
  readonly port: number
  readonly database: string
  readonly dataDir: string
  /** Everything that the server says; empty again after a reset. */
  readonly logFile: string
}

/** All that a lab is, as it lies in its own directory: another process can take it over from there. */
export interface LabState extends LabPlace {
  readonly blueprint: Blueprint
  readonly binaries: Binaries
  /** Where its files come from. */
  readonly template: string
  readonly passwords: Passwords
  /** In the blueprint's order. */
  readonly nodes: readonly LabNode[]
  /** Who started it. */
  readonly pid: number
  readonly detached: boolean
}

const fileName = 'lab.json'

export function writeLabState(state: LabState): void {
  // It holds the passwords, in a directory that others may pass.
  writeFileSync(join(state.dir, `${fileName}.new`), JSON.stringify(state, null, 2), { mode: 0o600 })
  renameSync(join(state.dir, `${fileName}.new`), join(state.dir, fileName))
}

export const hasLabState = (dir: string): boolean => existsSync(join(dir, fileName))

export function readLabState(dir: string): LabState {
  if (!hasLabState(dir))
    throw new AntemortemError('lab-not-found', `there is no lab in ${dir}`, 'Start one with: antemortem lab up')
  // Written by writeLabState, into a directory of ours.
  return JSON.parse(readFileSync(join(dir, fileName), 'utf8')) as LabState
}

export function nodeOf(state: LabState, name: string): LabNode {
  const node = state.nodes.find((one) => one.name === name)
  if (node !== undefined) return node
  const names = state.nodes.map((one) => one.name).join(', ')
  throw new AntemortemError('lab-no-such-node', `the lab has no node ${name}`, `Its nodes are: ${names}`)
}

export function primaryOf(state: LabState): LabNode {
  const node = state.nodes.find(({ role }) => role === 'primary')
  if (node === undefined) throw new Error('a checked blueprint has a primary')
  return node
}

export const serverOf = (state: LabState, node: LabNode): Server => ({
  bin: state.binaries.bin,
  owner: serverOwner(),
  dataDir: node.dataDir,
  logFile: node.logFile,
})

export function upstreamOf(state: LabState): Upstream {
  const user = state.blueprint.logins.replication
  const { port, database } = primaryOf(state)
  return { port, user, password: state.passwords[user] ?? '', database }
}
