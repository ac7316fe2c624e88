import { defineWrapRule } from '../../wrapped.ts'

/** Whatever they still change, nobody has looked at. */
export default defineWrapRule({
  id: 'command/leaves-processes',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Has everything ended that the command started?',
  *run({ command: { leftBehind }, words }) {
    if (leftBehind.length === 0) return
    const list = leftBehind.slice(0, 5).map(({ pid, command }) => `${pid} (${command})`)
    const more = leftBehind.length > 5 ? ` and ${leftBehind.length - 5} more` : ''
    yield {
      object: words,
      nodes: [],
      message: `${words} has ended and left processes behind: ${list.join(', ')}${more}; what they change from now on was not seen`,
      remedy: `Wait for them or end them (kill ${leftBehind.map(({ pid }) => pid).join(' ')}), then: antemortem check`,
    }
  },
})
