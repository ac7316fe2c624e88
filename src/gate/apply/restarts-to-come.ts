import type { Snapshot } from '../../core/snapshot.ts'
import { settingOf } from '../files/settings-of.ts'
import { standIn } from '../run/stand-in.ts'
import type { Step } from '../run/targets.ts'
import { restartOrder } from './standby-first.ts'

/**
 * Settings that wait for a restart, which nobody is to do unasked: what the rehearsal, which restarts every server, has shown
 * of them, and in which order. Pure.
 */
export function restartsToCome(before: Snapshot, now: Snapshot, steps: readonly Step[]): readonly string[] {
  const waiting = now.nodes.flatMap(({ name, facts: { pendingRestart } }) => {
    const was = before.nodes.find((node) => node.name === name)?.facts.pendingRestart
    const known = new Set(was?.seen ? was.value : [])
    const more = pendingRestart.seen ? pendingRestart.value.filter((setting) => !known.has(setting)) : []
    return more.length === 0 ? [] : [{ name, more }]
  })
  const order = restartOrder(
    steps.flatMap(({ statement, nodes }) => nodes.map((node) => ({ node, statements: [statement] }))),
    before,
  )
  return [
    ...waiting.map(
      ({ name, more }) =>
        `${name}: ${more.join(', ')} will be as the change says after a restart; ${shown(more, steps)}`,
    ),
    ...(waiting.length > 0 && order !== null ? [order] : []),
  ]
}

/** The copy keeps some settings as its own, and cannot speak of them; nor of what this change does not set. */
function shown(names: readonly string[], steps: readonly Step[]): string {
  const nobody = { database: '', places: [], password: () => '' }
  const untried = names.filter(
    (name) =>
      !steps.some(
        ({ statement }) => settingOf(statement.tree)?.name === name && standIn(statement, nobody).kind === 'as-it-is',
      ),
  )
  return untried.length === 0
    ? 'in the rehearsal every server was restarted with it, and came up'
    : `the rehearsal has not tried ${untried.join(', ')}`
}
