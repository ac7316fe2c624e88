import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { settingsFileChanges } from '../changes/settings-files.ts'
import type { Change } from '../core/change.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import type { SettingsFileFact } from '../core/facts/cluster.ts'
import { wrong } from './formats/format.ts'
import { instanceOf } from './instance.ts'
import { settingsKeys } from './settings-keys.ts'

/** A settings file is a page of text; what is larger is something else. */
const largestBytes = 262_144
/** Whoever writes it is through by then. */
const tries = 10

interface Followed {
  readonly contract: string
  readonly instance: string
  readonly file: string
  /** Keys that the contract names in it. */
  readonly named: ReadonlySet<string>
}

interface Known {
  readonly fact: SettingsFileFact
  /** Size, times and inode: another one is another content. */
  readonly stamp: string
  readonly text: string | null
}

interface Good {
  readonly keys: ReadonlyMap<string, string>
  /** With its secrets, in memory alone: to try whether the old settings still work. */
  readonly text: string | null
}

/**
 * The settings files of a cluster's contracts: what changed in them, against what was last known good. A file is read again when
 * its stamp moves; one that is half written is read again when it stands still.
 */
export class SettingsFiles {
  readonly #followed: readonly Followed[]
  readonly #key = randomBytes(32)
  readonly #known = new Map<string, Known>()
  readonly #good = new Map<string, Good>()
  readonly #oldWorks = new Map<string, boolean>()

  constructor(cluster: ClusterConfig) {
    this.#followed = followedIn(cluster)
  }

  /** Looks at every file; what differs from the last look are changes. Never throws because of a file. */
  poll(atMs: number): readonly Change[] {
    return this.#followed.flatMap((followed) => {
      const before = this.#known.get(followed.file)
      const now = look(followed, before ?? null, this.#key, atMs)
      this.#known.set(followed.file, now)
      if (!before || now.fact.keys === before.fact.keys || before.text === null || now.text === null) return []
      const changes = settingsFileChanges(before.fact, now.fact)
      if (changes.length > 0) this.#oldWorks.delete(followed.file)
      return changes
    })
  }

  /** Everything works as the files are now. */
  markGood(): void {
    for (const [file, known] of this.#known) this.#markFile(file, known)
  }

  #markFile(file: string, { text, fact }: Known): void {
    if (text !== null) this.#good.set(file, { text, keys: new Map(fact.keys.map(({ key, value }) => [key, value])) })
  }

  /** What another process accepted: values without secrets, which it did not write down. */
  restoreGood(files: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
    for (const [file, keys] of Object.entries(files)) {
      const known = this.#known.get(file)
      const isPresent = known !== undefined && JSON.stringify(plainOf(known.fact)) === JSON.stringify(keys)
      if (isPresent) this.#markFile(file, known)
      else this.#good.set(file, { text: null, keys: new Map(Object.entries(keys)) })
    }
  }

  /** For `accept`: the values that may be written down, by file. */
  plain(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    return Object.fromEntries([...this.#known].map(([file, { fact }]) => [file, plainOf(fact)]))
  }

  facts(): readonly SettingsFileFact[] {
    return [...this.#known.values()].map(({ fact }) => {
      const good = this.#good.get(fact.file)
      const oldWorks = this.#oldWorks.get(fact.file)
      if (!good) return fact
      const present = fact.keys.map((key) => {
        const lastGood = good.keys.get(key.key) ?? null
        // A secret that nobody wrote down cannot be compared.
        const isUnknown = good.text === null && (key.isSecret || / #[0-9a-f]{12}$/.test(key.value))
        const isOther = !isUnknown && lastGood !== key.value
        return {
          ...key,
          ...(!isUnknown && { lastGood }),
          ...(isOther && oldWorks !== undefined && { oldWorks }),
        }
      })
      const gone = [...good.keys]
        .filter(([name]) => !fact.keys.some(({ key }) => key === name))
        .map(([key, lastGood]) => ({
          key,
          value: '',
          isSecret: false,
          lastGood,
          ...(oldWorks !== undefined && { oldWorks }),
        }))
      return { ...fact, keys: [...present, ...gone] }
    })
  }

  /** The text with which it last worked, where it differs from the present one; null else, and after a restart. */
  goodText(file: string): string | null {
    const good = this.#good.get(file)?.text ?? null
    return good !== null && good !== this.#known.get(file)?.text ? good : null
  }

  noteOld(file: string, works: boolean): void {
    this.#oldWorks.set(file, works)
  }
}

const plainOf = ({ keys }: SettingsFileFact): Readonly<Record<string, string>> =>
  Object.fromEntries(keys.filter(({ value }) => !/#[0-9a-f]{12}$/.test(value)).map(({ key, value }) => [key, value]))

function followedIn(cluster: ClusterConfig): readonly Followed[] {
  const byFile = new Map<string, Followed>()
  const follow = (contract: string, file: string, keys: readonly (string | null)[]): void => {
    const before = byFile.get(file)
    const named = new Set([...(before?.named ?? []), ...keys.filter((key) => key !== null)])
    byFile.set(file, { contract: before?.contract ?? contract, instance: instanceOf(file), file, named })
  }
  for (const { name, settings, reads } of cluster.contracts) {
    const shared = reads.filter(({ file }) => file === null).map(({ key }) => key)
    for (const { file, key } of settings) follow(name, file, [key, ...shared])
    for (const { file, key } of reads) if (file !== null) follow(name, file, [key])
  }
  return [...byFile.values()]
}

function look(followed: Followed, before: Known | null, key: Buffer, atMs: number): Known {
  const { contract, instance, file, named } = followed
  const failed = (problem: string): Known => ({
    stamp: '',
    text: before?.text ?? null,
    fact: { contract, instance, file, atMs, problem, keys: before?.fact.keys ?? [] },
  })
  try {
    const stamp = stampOf(file)
    if (before && before.stamp === stamp) return { ...before, fact: { ...before.fact, atMs } }
    const text = readText(file)
    // Somebody writes it at this moment: what we have may be half of it.
    if (stampOf(file) !== stamp) return failed('it is being written')
    if (text === '' && before?.text) return failed('it is empty')
    return {
      stamp,
      text,
      fact: { contract, instance, file, atMs, problem: null, keys: settingsKeys({ file, text }, named, key) },
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return failed(error.message)
  }
}

const named = 'Name the file from which the application reads its settings.'

/** Size, times and inode: another one is another content. Throws where there is no such file. */
export function stampOf(file: string): string {
  const stat = statSync(file)
  // Before it is opened: a pipe would keep us waiting for its writer.
  if (!stat.isFile()) throw wrong(file, 'is no file', named)
  const { size, mtimeMs, ctimeMs, ino } = stat
  return `${size} ${mtimeMs} ${ctimeMs} ${ino}`
}

/** For a single look: the text as it stands still. */
export const readSettingsText = (file: string): string => readStill(file).text

/** The same with the stamp that belongs to it. */
export function readStill(file: string): { readonly text: string; readonly stamp: string } {
  for (let n = 1; n <= tries; n += 1) {
    const stamp = stampOf(file)
    const text = readText(file)
    if (stampOf(file) === stamp) return { text, stamp }
  }
  throw new AntemortemError('settings-unreadable', `${file} is being written all the time`, 'Look who writes it.', {
    exit: 2,
  })
}

/** Refuses what is no settings file before it is in memory. */
function readText(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const stat = fstatSync(handle)
    if (stat.size > largestBytes) throw wrong(file, `has ${stat.size} bytes: that is no settings file`, named)
    const buffer = Buffer.alloc(stat.size)
    const text = buffer.subarray(0, readSync(handle, buffer, 0, stat.size, 0)).toString('utf8')
    if (text.includes('\0')) throw wrong(file, 'is no text', named)
    return text
  } finally {
    closeSync(handle)
  }
}
