import { readFileSync } from 'node:fs'

/** A line of the outcomes file: how one login went. */
export interface Login {
  readonly atMs: number
  readonly instance: string
  readonly node: string
  readonly code: string
}

/** What the application wrote itself: the drill's own measure of harm, independent of what the watcher saw. */
export function readLogins(file: string): readonly Login[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => {
      const { at, instance, node, code } = JSON.parse(line)
      return { atMs: Date.parse(String(at)), instance: String(instance), node: String(node), code: String(code) }
    })
}

export const failuresSince = (logins: readonly Login[], fromMs: number): readonly Login[] =>
  logins.filter(({ atMs, code }) => atMs >= fromMs && code !== 'ok')
