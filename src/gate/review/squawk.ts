import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ReviewFinding } from '../../core/gate.ts'
import { redact } from '../../core/redact.ts'
import type { ReviewInput } from './input.ts'
import { kindOf, type ReviewFile } from './read/read-files.ts'

const deadlineMs = 20_000

/** Advice about style and habits, given for nearly every statement. */
const habits = new Set([
  'prefer-bigint-over-int',
  'prefer-bigint-over-smallint',
  'prefer-identity',
  'prefer-robust-stmts',
  'prefer-text-field',
  'prefer-timestamptz',
  'prefer-timestamp-tz',
  'require-timeout-settings',
])

export interface SquawkAnswer {
  readonly findings: readonly ReviewFinding[]
  readonly notes: readonly string[]
}

/** A second opinion of Squawk, where it is installed: marked as its own, and never more than a warning. */
export async function askSquawk(
  input: ReviewInput,
  files: readonly ReviewFile[],
  signal: AbortSignal,
): Promise<SquawkAnswer> {
  const program = programIn(process.env['PATH'] ?? '')
  const sql = files.filter((file) => kindOf(file) === 'sql' && !file.name.startsWith('-')).map(({ name }) => name)
  if (program === null || sql.length === 0) return { findings: [], notes: [] }
  try {
    const child = spawn(program, ['--reporter', 'json', ...sql], {
      // In a GitHub job it would write its annotations between the lines of its answer.
      env: { ...process.env, SQUAWK_DISABLE_GITHUB_ANNOTATIONS: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    })
    const failed = new Promise<never>((_, reject) => child.once('error', reject))
    const said = await Promise.race([text(child.stdout), failed])
    if (said.trim() === '') return { findings: [], notes: ['squawk gave no answer'] }
    return { findings: squawkFindings(said, input), notes: [] }
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error
    return { findings: [], notes: [`squawk gave no answer: ${redact(error.message)}`] }
  }
}

function programIn(path: string): string | null {
  const found = path.split(delimiter).find((folder) => {
    try {
      accessSync(join(folder, 'squawk'), constants.X_OK)
      return folder !== ''
    } catch (error) {
      if (error instanceof Error) return false
      throw error
    }
  })
  return found === undefined ? null : join(found, 'squawk')
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
const words = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Its findings for statements that the change adds. Its lines count from 0. */
export function squawkFindings(
  said: string,
  { statements }: Pick<ReviewInput, 'statements'>,
): readonly ReviewFinding[] {
  const parsed: unknown = JSON.parse(said)
  return (Array.isArray(parsed) ? parsed : []).flatMap((each: unknown): readonly ReviewFinding[] => {
    const rule = words(field(each, 'rule_name'))
    const file = words(field(each, 'file'))
    const line = Number(field(each, 'line') ?? 0) + 1
    const of = statements.findLast((one) => one.file === file && one.line <= line)
    if (rule === '' || of?.isNew !== true) return []
    return [
      {
        rule: `squawk/${rule}`,
        consequence: 'application/error',
        object: `${file}:${line}`,
        nodes: of.nodes,
        severity: habits.has(rule) ? 'info' : 'warning',
        message: `Squawk: ${words(field(each, 'message')).replaceAll(/\s+/g, ' ')}`,
        remedy: words(field(each, 'help')).replaceAll(/\s+/g, ' '),
        file,
        line,
        basis: 'squawk',
      },
    ]
  })
}
