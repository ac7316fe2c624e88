import { inspect } from 'node:util'
import { AntemortemError, type ExitCode } from '../core/error.ts'
import { redact } from '../core/redact.ts'
import type { Style } from '../report/style.ts'

export interface Failure {
  readonly exit: ExitCode
  /** For stderr; empty where there is nothing to say. */
  readonly text: string
}

/** What a failed run says and how it ends: words for what the user can act on, the stack for what only we can mend. */
export function failureOf(
  error: unknown,
  about: { readonly signal: AbortSignal; readonly style: Style; readonly version: string; readonly command: string },
): Failure {
  const { signal, style } = about
  if (error instanceof AntemortemError) {
    const hint = error.hint === '' ? '' : `  ${error.hint}\n`
    return { exit: error.exit, text: redact(`${style.bad('antemortem:')} ${error.message}\n${hint}`) }
  }
  if (signal.aborted && isAbort(error, signal)) return { exit: 130, text: '' }
  return { exit: 70, text: redact(bugReport(error, about)) }
}

const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  error === signal.reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === signal.reason))

function bugReport(
  error: unknown,
  { version, command }: { readonly version: string; readonly command: string },
): string {
  const chain: string[] = []
  for (
    let each: unknown = error;
    each !== undefined && chain.length < 5;
    each = each instanceof Error ? each.cause : undefined
  )
    chain.push(each instanceof Error ? (each.stack ?? each.message) : inspect(each))
  return [
    'antemortem: this is a bug in Antemortem, not in your database or your configuration.',
    chain.join('\ncaused by: '),
    `Please report the lines above with: antemortem ${version}, command '${command}', node ${process.version}, ${process.platform}-${process.arch}.`,
    '',
  ].join('\n')
}
