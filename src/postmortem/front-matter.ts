import { parse } from 'yaml'
import type { Note } from './postmortem.ts'

const limit = 16_384

/**
 * Splits the YAML head from the document; its lines are emptied, so that line numbers stay those of the file. Only the title
 * is taken from it: moments, causes and measures are read from the text that people read.
 */
export function frontMatterOf(text: string): { title: string | null; body: string; notes: readonly Note[] } {
  const head = /^---[ \t]*\r?\n/.exec(text)
  const close = head ? text.slice(0, limit).search(/\r?\n---[ \t]*(?:\r?\n|$)/) : -1
  if (!head || close < 0) return { title: null, body: text, notes: [] }
  const rest = text.indexOf('\n', text.indexOf('---', close))
  const lines = text.slice(0, rest < 0 ? text.length : rest).replace(/[^\n]/g, '')
  const body = rest < 0 ? '' : lines + text.slice(rest)
  try {
    // No aliases: a few lines of them can stand for gigabytes.
    const value: unknown = parse(text.slice(head[0].length, close), { maxAliasCount: 0 })
    return { title: titleIn(value), body, notes: [] }
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    return { title: null, body, notes: [{ line: 1, message: `the front matter is not YAML: ${why}` }] }
  }
}

function titleIn(value: unknown): string | null {
  const title: unknown = typeof value === 'object' && value !== null && 'title' in value ? value.title : null
  return typeof title === 'string' && title.trim() !== '' ? title.trim().slice(0, 200) : null
}
