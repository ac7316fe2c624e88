/** Exit codes of docs/cli.md. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 70 | 130

/** What the user can act on: printed as message and hint, without a stack. Anything else is a bug of ours (exit 70). */
export class AntemortemError extends Error {
  /** kebab-case, stable: scripts may compare it. */
  readonly code: string
  /** The next thing to do. */
  readonly hint: string
  readonly exit: ExitCode

  constructor(code: string, message: string, hint: string, options: { cause?: unknown; exit?: ExitCode } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AntemortemError'
    this.code = code
    this.hint = hint
    this.exit = options.exit ?? 3
  }
}
