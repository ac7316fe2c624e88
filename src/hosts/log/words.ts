import type { Severity } from './message.ts'

/** The lines that follow a message and belong to it. */
export type Part = 'DETAIL' | 'HINT' | 'QUERY' | 'CONTEXT' | 'LOCATION' | 'STATEMENT' | 'BACKTRACE'

/**
 * What the server writes before a message, in the languages of `lc_messages` that we read: English, German, French, Spanish
 * (from the server's own translations).
 */
const severities: Readonly<Record<string, Severity>> = {
  DEBUG: 'DEBUG',
  LOG: 'LOG',
  INFO: 'INFO',
  NOTICE: 'NOTICE',
  HINWEIS: 'NOTICE',
  WARNING: 'WARNING',
  WARNUNG: 'WARNING',
  ATTENTION: 'WARNING',
  ADVERTENCIA: 'WARNING',
  ERROR: 'ERROR',
  FEHLER: 'ERROR',
  ERREUR: 'ERROR',
  FATAL: 'FATAL',
  PANIC: 'PANIC',
  PANIK: 'PANIC',
}

const parts: Readonly<Record<string, Part>> = {
  DETAIL: 'DETAIL',
  DÉTAIL: 'DETAIL',
  DETALLE: 'DETAIL',
  HINT: 'HINT',
  TIPP: 'HINT',
  ASTUCE: 'HINT',
  SUGERENCIA: 'HINT',
  QUERY: 'QUERY',
  ANFRAGE: 'QUERY',
  REQUÊTE: 'QUERY',
  CONSULTA: 'QUERY',
  CONTEXT: 'CONTEXT',
  ZUSAMMENHANG: 'CONTEXT',
  CONTEXTE: 'CONTEXT',
  CONTEXTO: 'CONTEXT',
  LOCATION: 'LOCATION',
  ORT: 'LOCATION',
  EMPLACEMENT: 'LOCATION',
  UBICACIÓN: 'LOCATION',
  STATEMENT: 'STATEMENT',
  ANWEISUNG: 'STATEMENT',
  INSTRUCTION: 'STATEMENT',
  SENTENCIA: 'STATEMENT',
  BACKTRACE: 'BACKTRACE',
}

export const severityOf = (word: string): Severity | null =>
  Object.hasOwn(severities, word) ? (severities[word] ?? null) : null
export const partOf = (word: string): Part | null => (Object.hasOwn(parts, word) ? (parts[word] ?? null) : null)

export interface Marker {
  /** Where its word begins. */
  readonly index: number
  readonly word: string
  /** Where the text behind it begins. */
  readonly end: number
}

const letter = /\p{L}/u
const longestWord = 14

/** The next `ERROR:  ` of a line, with the two spaces that the server writes; French puts one before the colon. */
export function nextMarker(line: string, from: number, until: number): Marker | null {
  // By hand: an expression with thirty alternatives costs more than all the rest of a line.
  for (let colon = line.indexOf(':  ', from); colon >= 0 && colon <= until; colon = line.indexOf(':  ', colon + 1)) {
    const last = line[colon - 1] === ' ' ? colon - 1 : colon
    let index = last
    while (index > 0 && last - index <= longestWord && isLetter(line, index - 1)) index -= 1
    const word = line.slice(index, last)
    if (index < last && (Object.hasOwn(severities, word) || Object.hasOwn(parts, word)))
      return { index, word, end: colon + 3 }
  }
  return null
}

function isLetter(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  // A prefix may end with a number, and no space behind it.
  if (code < 128) return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  return letter.test(line[at] ?? '')
}

/** A word in the same place that is none of them. */
export const strangeWord = /^([\p{Lu}\p{Lo}][\p{L}\d ]{0,40}?) ?: {2}/u
