import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The top of the git checkout that a folder lies in; the folder itself where it lies in none. */
export function checkoutOf(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    // A worktree has a file of that name.
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return resolve(folder)
  }
}

/** The URI by which a code host finds a file: from the top of its repository; whole, where the file lies outside of it. */
export function uriIn(checkout: string, path: string): string {
  const within = relative(checkout, path)
  if (within.startsWith('..') || isAbsolute(within)) return pathToFileURL(path).href
  return within.split(/[\\/]/).map(encodeURIComponent).join('/')
}
