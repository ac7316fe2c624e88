import { readFileSync } from 'node:fs'
import { AntemortemError } from '../../core/error.ts'

/** Looks up `env:NAME` and `file:PATH` at the moment of use, so that a rotated secret is seen without a restart. */
export function resolveUrl(url: string, node: string): string {
  if (url.startsWith('env:')) {
    const name = url.slice('env:'.length)
    const value = process.env[name]
    if (value !== undefined && value !== '') return value
    throw new AntemortemError(
      'url-missing',
      `${node}: the variable ${name} is not set`,
      `set ${name} to the node's connection string`,
      { exit: 2 },
    )
  }
  if (!url.startsWith('file:')) return url
  const path = url.slice('file:'.length)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new AntemortemError(
      'url-missing',
      `${node}: cannot read ${path}`,
      'write the connection string into that file',
      { cause, exit: 2 },
    )
  }
}
