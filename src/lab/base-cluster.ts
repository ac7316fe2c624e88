import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../core/error.ts'
import type { Binaries } from './binaries.ts'
import { keep } from './keeper.ts'
import type { Owner } from './owner.ts'
import { run } from './run.ts'

/** A fresh cluster as initdb leaves it, kept for every template: initdb is half of what building one costs. */
export interface BaseCluster {
  readonly dataDir: string
  readonly password: string
}

export interface BaseOptions {
  readonly cache: string
  readonly binaries: Binaries
  readonly owner: Owner
  /** Each number is a cluster with a system identifier of its own: a subscriber must not look like a copy. */
  readonly number: number
  readonly signal?: AbortSignal | undefined
}

/** Raise it when what initdb is told changes. */
const format = 1

export async function baseCluster(options: BaseOptions): Promise<BaseCluster> {
  const { cache, binaries, owner, number } = options
  const whole = join(cache, `base-${binaries.version}-${binaries.source}-${owner?.uid ?? 'own'}-${format}-${number}`)
  if (!existsSync(whole)) {
    const half = mkdtempSync(join(cache, `half-${process.pid}-`))
    chmodSync(half, 0o711)
    const keeper = await keep({ dir: half })
    try {
      await initdb(half, options)
      renameSync(half, whole)
      await keeper.release()
    } catch (error) {
      await keeper.clear()
      // Another process was first: its cluster is as good.
      if (!existsSync(whole)) throw error
    }
  }
  return { dataDir: join(whole, 'data'), password: readFileSync(join(whole, 'password'), 'utf8') }
}

async function initdb(half: string, { binaries, owner, signal }: BaseOptions): Promise<void> {
  const data = join(half, 'data')
  const given = join(half, 'given')
  const password = randomBytes(12).toString('hex')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(join(half, 'password'), password, { mode: 0o600 })
  // initdb reads it as its own user; the command line would show it to everybody.
  writeFileSync(given, password, { mode: 0o600 })
  if (owner !== null) for (const path of [data, given]) chownSync(path, owner.uid, owner.gid)
  const args = [
    ['-D', data, '-U', 'postgres', `--pwfile=${given}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'],
    // 1-MB segments halve what a copy weighs. 15 leaves checksums out unless told.
    ['--wal-segsize=1', '--data-checksums', '--no-sync'],
  ].flat()
  try {
    await run(join(binaries.bin, 'initdb'), args, owner, signal)
  } catch (cause) {
    signal?.throwIfAborted()
    const words = cause instanceof Error ? cause.message : String(cause)
    // Typical: a container's user without a line in /etc/passwd, a full disk.
    throw new AntemortemError('lab-initdb-failed', words, 'Correct what it names, then start the lab again.', { cause })
  }
  rmSync(given)
}
