/** What drivers say in words only. */
const words: readonly (readonly [RegExp, string])[] = [
  [/timeout exceeded when trying to connect/, 'APP_POOL_TIMEOUT'],
  [/connection timeout|timeout expired/i, 'ETIMEDOUT'],
  [/Connection terminated/, 'ECONNRESET'],
  [/Query read timeout/, 'APP_QUERY_TIMEOUT'],
  [/SASL/, 'APP_AUTHENTICATION'],
]

/** One word for a failure: SQLSTATE, the system's code, or the application's own. */
export function failureCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return failureCode(error.errors[0])
  if (!(error instanceof Error)) return 'APP_ERROR'
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  return words.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'APP_ERROR'
}
