import { AntemortemError } from '../core/error.ts'
import { redact } from '../core/redact.ts'

/** Where something stands in the file; lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One thing that is wrong with the file. */
export interface Problem extends Place {
  /** `clusters.auth.nodes`, empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

const most = 20

/** All problems as one error, in the order of the file: one run shows everything that has to be mended. */
export function configurationError(fileName: string, problems: readonly Problem[], hint: string): AntemortemError {
  const inOrder = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = inOrder.slice(0, most).map(({ line, column, path, message }) => {
    const where = path === '' ? '' : `${path}: `
    return `${fileName}:${line}:${column}: ${where}${message}`
  })
  if (inOrder.length > most) lines.push(`… and ${inOrder.length - most} more`)
  return new AntemortemError('configuration', redact(lines.join('\n')), hint, { exit: 2 })
}

/** `clusters.auth.nodes[0]`, as one would say it. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    const word = String(key).slice(0, 80)
    const plain = /^[\w/-]+$/.test(word) ? word : JSON.stringify(word)
    return text === '' ? plain : `${text}.${plain}`
  }, '')
