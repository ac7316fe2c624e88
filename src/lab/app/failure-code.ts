/** What drivers say in words only. */
const words: readonly (readonly [RegExp, string])[] = [
  [/timeout exceeded when trying to connect|connection timeout|timeout expired|Query read timeout/i, 'CLIENT_TIMEOUT'],
  [/Connection terminated|Client has encountered a connection error|client was closed/i, 'ECONNRESET'],
]

/** One word for a failure: SQLSTATE, the system's code, or the driver's own. */
export function failureCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return failureCode(error.errors[0])
  if (!(error instanceof Error)) return 'CLIENT_OTHER'
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  return words.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'CLIENT_OTHER'
}
