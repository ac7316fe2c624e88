import { readdir } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { HostFact } from '../../core/facts/cluster.ts'
import { isAbsent, unreadOf, type Unread } from '../reading.ts'
import { readConfLine } from '../../core/conf-line.ts'
import { readTextFile } from './text-file.ts'
import { keepsNothing, type Depends } from './unmoved.ts'

/** A setting as it stands in a file, not masked yet. */
export type Configured = HostFact['configured'][number]

/** What the configuration files of a server say. */
export interface ConfFiles {
  /** In the order in which the server reads them: later ones win. */
  readonly configured: readonly Configured[]
  /** Lines that are no setting, and includes that lead nowhere. */
  readonly misconfigured: readonly Configured[]
  readonly unread: readonly Unread[]
}

/** As the server itself: deeper is a loop. */
const deepest = 10
/** In all; more is a loop by way of links. */
const mostFiles = 200

/** postgresql.conf with what it includes, and postgresql.auto.conf of the data directory, which is read last. */
export async function readConfFiles(
  confFile: string,
  dataDir: string,
  depends: Depends = keepsNothing,
): Promise<ConfFiles> {
  const found = new Collected(depends)
  await found.file(confFile, [])
  await found.file(join(dataDir, 'postgresql.auto.conf'), [], true)
  return found
}

/** The value that is in force by the files; undefined where they do not name it. */
export const configuredValue = (configured: readonly Configured[], name: string): string | undefined =>
  configured.findLast((each) => each.name === name)?.value

class Collected implements ConfFiles {
  readonly configured: Configured[] = []
  readonly misconfigured: Configured[] = []
  readonly unread: Unread[] = []
  readonly #depends: Depends
  #files = 0

  constructor(depends: Depends) {
    this.#depends = depends
  }

  /** `above`: the files that include it. */
  async file(path: string, above: readonly string[], mayBeAbsent = false): Promise<'read' | 'absent'> {
    this.#files += 1
    if (above.length > deepest || above.includes(path) || this.#files > mostFiles) {
      this.#refuse(path, `${above.at(-1) ?? path} includes ${path} in a loop, or too deeply`)
      return 'read'
    }
    try {
      await this.#depends(path)
      const file = await readTextFile(path)
      if (file.ok) await this.#lines(path, file.text, above)
      else this.#refuse(path, file.why)
      return 'read'
    } catch (error) {
      const absent = above.length > 0 || mayBeAbsent
      const { why, remedy } = unreadOf(error, path, 'name the configuration file: start the server with `config_file`')
      if (absent && isAbsent(error)) return 'absent'
      this.unread.push({ why, remedy })
      return 'read'
    }
  }

  async #lines(path: string, text: string, above: readonly string[]): Promise<void> {
    for (const [n, line] of text.split(/\r?\n/).entries()) {
      const read = readConfLine(line)
      const place = { file: path, line: n + 1 }
      if (read.kind === 'setting') this.configured.push({ ...place, name: read.name, value: read.value })
      else if (read.kind === 'wrong') this.misconfigured.push({ ...place, name: firstWord(line), value: line.trim() })
      else if (read.kind === 'include') {
        const target = isAbsolute(read.path) ? read.path : join(dirname(path), read.path)
        const isWrong = read.how === 'include_dir' ? !(await this.#folder(target, path, above)) : false
        const isAbsentFile =
          read.how !== 'include_dir' &&
          (await this.file(target, [...above, path])) === 'absent' &&
          read.how === 'include'
        if (isWrong || isAbsentFile) this.misconfigured.push({ ...place, name: read.how, value: line.trim() })
      }
    }
  }

  /** `*.conf` in the order of the C locale. */
  async #folder(folder: string, path: string, above: readonly string[]): Promise<boolean> {
    try {
      await this.#depends(folder)
      const names = (await readdir(folder)).filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      for (const name of names.toSorted((a, b) => (a < b ? -1 : 1)))
        await this.file(join(folder, name), [...above, path])
      return true
    } catch (error) {
      if (isAbsent(error)) return false
      this.unread.push(unreadOf(error, folder, ''))
      return true
    }
  }

  #refuse(path: string, why: string): void {
    this.unread.push({ why, remedy: `correct ${path}, or the line that includes it` })
  }
}

const firstWord = (line: string): string => /^\s*([A-Za-z_][\w.$]{0,62})/.exec(line)?.[1]?.toLowerCase() ?? ''
