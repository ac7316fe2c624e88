/** One message of a server's log, whatever its format: as it was written, nothing masked yet. */
export interface LogMessage {
  /** On the clock of the server's host; null where the line has no time that is understood. */
  readonly atMs: number | null
  readonly severity: Severity
  /** SQLSTATE; null where the line has none. */
  readonly code: string | null
  readonly message: string
  readonly detail: string | null
  readonly context: string | null
  readonly role: string | null
  readonly database: string | null
  readonly application: string | null
}

export type Severity = 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR' | 'FATAL' | 'PANIC'

/** Makes messages of lines. A message is finished when the next one begins, or when nothing more came for a while. */
export interface LineReader {
  push(line: string): LogMessage | null
  /** What was pending: nothing more belongs to it. */
  end(): LogMessage | null
  /** Why lines are not understood; null while they are. */
  readonly problem: string | null
}

/** Of one field: whoever writes a statement of a megabyte into an error must not fill our memory. */
export const longestField = 4000

/** A session without a role or a database writes `[unknown]`. */
export const nameOrNull = (text: string | null | undefined): string | null =>
  text == null || text === '' || text === '[unknown]' ? null : text

/** `00000` says only that it is no error. */
export const codeOrNull = (text: string | null | undefined): string | null =>
  text != null && /^[0-9A-Z]{5}$/.test(text) && text !== '00000' ? text : null
