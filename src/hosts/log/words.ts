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

const alternatives = [...Object.keys(severities), ...Object.keys(parts)].toSorted((a, b) => b.length - a.length)

/** `ERROR:  `, with the two spaces that the server writes; French puts one before the colon. */
export const markerPattern = (): RegExp => new RegExp(String.raw`(?<!\p{L})(${alternatives.join('|')}) ?: {2}`, 'gu')

/** A word in the same place that is none of them. */
export const strangeWord = /^([\p{Lu}\p{Lo}][\p{L}\d ]{0,40}?) ?: {2}/u
