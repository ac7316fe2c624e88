/** What does not even react to its abort is given up: whether it had an effect cannot be known. */
export class GivenUp extends Error {
  constructor(graceMs: number) {
    super(`it did not react within ${graceMs} ms to being told to stop`)
  }
}

/** The work had its time, and ended with an error or was told to stop. */
export class TooLate extends Error {
  constructor(deadlineMs: number, cause: unknown) {
    super(`it did not end within ${deadlineMs} ms`, { cause })
  }
}

/** How long a driver may take to cancel its statement and clean up. */
const graceMs = 2_000

/** Gives work its deadline as a signal, and waits for it to end: an effect that comes later would be nobody's. */
export async function within<T>(
  deadlineMs: number,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = AbortSignal.any([deadline, stop])
  const { promise: gaveUp, reject } = Promise.withResolvers<never>()
  const giveUp = (): void =>
    AbortSignal.timeout(graceMs).addEventListener('abort', () => reject(new GivenUp(graceMs)), { once: true })
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([work(signal), gaveUp])
  } catch (error) {
    throw deadline.aborted && !(error instanceof GivenUp) ? new TooLate(deadlineMs, error) : error
  } finally {
    signal.removeEventListener('abort', giveUp)
    // Nobody waits for it any more.
    gaveUp.catch(() => undefined)
  }
}
