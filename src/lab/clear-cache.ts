import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './alive.ts'
import { hasLabState } from './lab-state.ts'

const limits = {
  templates: { default: 16, unit: 'count', why: 'about 80 MB each; drills with names of their own make many' },
  idleMs: { default: 3_600_000, unit: 'ms', why: 'a lab that runs now may still be put back from it' },
} as const

/** Takes away what dead builders left, and templates that nobody has used for long. */
export function clearCache(cache: string, nowMs: number = Date.now()): void {
  const names = readdirSync(cache)
  for (const name of names) {
    const builder = /^half-(\d+)-/.exec(name)?.[1]
    if (builder !== undefined && !isAlive(Number(builder))) remove(join(cache, name))
  }
  const templates = names
    .filter((name) => name.startsWith('template-'))
    .map((name) => ({ path: join(cache, name), usedMs: usedMs(join(cache, name)) }))
    .sort((a, b) => b.usedMs - a.usedMs)
  for (const { path, usedMs } of templates.slice(limits.templates.default))
    if (nowMs - usedMs > limits.idleMs.default && !isInUse(path)) remove(path)
}

/** Its modification time is set whenever it is copied from. */
function usedMs(template: string): number {
  return existsSync(template) ? statSync(template).mtimeMs : 0
}

/** Its labs have left marks that name their directories. */
function isInUse(template: string): boolean {
  return readdirSync(template)
    .filter((name) => name.startsWith('user-'))
    .some((name) => hasLabState(readFileSync(join(template, name), 'utf8')))
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true })
}
