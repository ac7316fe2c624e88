import type { Step } from '../../core/plan.ts'
import type { TimedStatement } from '../../engines/postgres/act/change-transaction.ts'
import type { ServerFile } from '../../engines/postgres/act/server-files.ts'
import type { SettingLine } from '../files/with-settings.ts'
import type { BackOrder } from '../wayback/back-order.ts'

/** What a step of the change is about, as `planChange` wrote it. */
export const inputOf = ({ kind, node, input }: Pick<Step, 'kind' | 'node' | 'input'>) => {
  const text = (name: string): string => {
    const value = input[name]
    // A step without its input is a bug of ours.
    if (typeof value !== 'string') throw new Error(`step ${kind} has no ${name}`)
    return value
  }
  return {
    node: node ?? '',
    budgetMs: Number(input['budget_ms'] ?? 0),
    sql: () => text('sql'),
    isBounded: input['is_bounded'] === true,
    done: typeof input['done'] === 'string' ? input['done'] : null,
    clear: typeof input['clear'] === 'string' ? input['clear'] : null,
    // These three were written by `planChange`.
    settings: () => JSON.parse(text('settings')) as readonly string[],
    statements: () => JSON.parse(text('statements')) as readonly TimedStatement[],
    orders: () => JSON.parse(text('orders')) as readonly BackOrder[],
  }
}

/** What a step about a file of a server is about, as `planChange` wrote it. */
export function fileInputOf({ kind, node, input }: Pick<Step, 'kind' | 'node' | 'input'>) {
  const which: ServerFile = input['file'] === 'settings' ? 'settings' : 'access-rules'
  const given = (name: string): string => {
    const value = input[name]
    if (typeof value !== 'string') throw new Error(`step ${kind} has no ${name}`)
    return value
  }
  return {
    node: node ?? '',
    which,
    text: () => given('text'),
    // Written by `planChange`.
    lines: () => (which === 'settings' ? (JSON.parse(given('lines')) as readonly SettingLine[]) : []),
  }
}
