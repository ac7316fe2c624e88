import { subject } from '../../../../core/subject.ts'
import { isAllowed } from '../../../allow.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** Written today, tried at the next start, weeks later, when nobody thinks of it. */
export default defineWrapRule({
  id: 'server/waits-for-restart',
  consequence: 'server/config-prevents-start',
  severity: 'warning',
  question: 'Is every setting that the command has written in force, and so tried?',
  *run(wrapped) {
    const { changes, allowed, isRehearsed } = wrapped
    for (const { name, facts } of latest(wrapped).snapshot.nodes) {
      const waiting = changes.filter(
        (change) =>
          change.kind === 'setting' &&
          change.source === 'file' &&
          change.object.startsWith(`${name}:`) &&
          !isAllowed(change, allowed),
      )
      const settings = facts.settings.seen ? facts.settings.value : {}
      for (const { object, before, after } of waiting) {
        const setting = object.slice(name.length + 1)
        if (after !== null && settings[setting] === after) continue
        const written = `${setting} is ${after === null ? 'no longer' : `${after || 'empty'}, and was ${before ?? 'not'},`} in the files of ${name}, and is not in force`
        yield {
          object: subject.setting(name, setting),
          nodes: [name],
          // Every server of the copy was restarted with it.
          ...(isRehearsed && { severity: 'info' }),
          message: isRehearsed
            ? `${written}: the copy has started with it`
            : `${written}: whether ${name} starts with it nobody has tried`,
          remedy: `On ${name}: select pg_reload_conf(); what still waits for a restart then says pending_restart in pg_settings: ${isRehearsed ? 'restart it when it suits.' : `try it on a copy first (gate --rehearse-with …), or take it out: alter system reset ${setting};`}`,
        }
      }
    }
  },
})
