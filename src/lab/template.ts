import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { blueprintKey, type Blueprint } from './blueprint.ts'
import { buildTemplate } from './build-template.ts'
import type { Passwords } from './build-server.ts'
import { cacheDirectory } from './cache.ts'
import { clearCache } from './clear-cache.ts'
import { accessRules, confLines, serverSettings } from './conf.ts'
import { indexTree, type TreeIndex } from './files.ts'
import { keep } from './keeper.ts'
import { serverOwner } from './owner.ts'

/** A stopped topology in the cache, to be copied. Node number n lies in the folder n. */
export interface Template {
  readonly directory: string
  readonly passwords: Passwords
  readonly indexes: readonly TreeIndex[]
}

/** Raise it when the same blueprint and the same settings give another template. */
const format = 1

/** Two labs of one process that need the same template build it once. */
const underWay = new Map<string, Promise<Template>>()

export interface TemplateOptions {
  readonly blueprint: Blueprint
  readonly binaries: Binaries
  readonly signal: AbortSignal | undefined
  readonly progress: (words: string) => void
}

/** The template of a blueprint: from the cache, or built now. */
export async function templateOf(options: TemplateOptions): Promise<Template> {
  const { blueprint, binaries } = options
  const settings = blueprint.nodes.map((node) => confLines(serverSettings(blueprint, node, binaries.major)))
  const owner = String(serverOwner()?.uid)
  const key = blueprintKey(
    blueprint,
    binaries.version,
    binaries.source,
    String(format),
    owner,
    accessRules,
    ...settings,
  )
  const directory = join(cacheDirectory(), `template-${key}`)
  const present = readTemplate(directory)
  if (present !== null) return present
  const building = underWay.get(key) ?? build(directory, options).finally(() => underWay.delete(key))
  underWay.set(key, building)
  return building
}

/** Null where there is none: also one that is just being removed. */
export function readTemplate(directory: string): Template | null {
  const file = join(directory, 'template.json')
  if (!existsSync(file)) return null
  const now = new Date()
  utimesSync(directory, now, now)
  // Written by `build` below, into a directory that nobody else may write.
  const { passwords, indexes } = JSON.parse(readFileSync(file, 'utf8')) as Omit<Template, 'directory'>
  return { directory, passwords, indexes }
}

async function build(directory: string, options: TemplateOptions): Promise<Template> {
  const cache = cacheDirectory()
  clearCache(cache)
  const half = mkdtempSync(join(cache, `half-${process.pid}-`))
  chmodSync(half, 0o711)
  const keeper = await keep({ dir: half })
  try {
    const passwords = await buildTemplate({ ...options, cache, directory: half, owner: serverOwner() })
    const indexes = options.blueprint.nodes.map((_, n) => indexTree(join(half, String(n))))
    writeFileSync(join(half, 'template.json'), JSON.stringify({ passwords, indexes }), { mode: 0o600 })
    renameSync(half, directory)
    await keeper.release()
  } catch (error) {
    await keeper.clear()
    // Another process was first: its template is as good.
    if (!existsSync(directory)) throw error
  }
  const template = readTemplate(directory)
  if (template === null) throw new Error(`${directory} went away while it was made`)
  return template
}
