import { subject } from '../../../../core/subject.ts'
import type { ReviewInput } from '../../input.ts'
import { factOf } from '../../nodes.ts'
import { flag, quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'
import { isOlderSetting, knownSetting, nearestSetting } from '../../known-settings.ts'

/** A server that runs ignores a line that it cannot read; the next one that starts does not. */
export default defineReviewRule({
  id: 'configuration/unreadable-setting',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Can the server read every line of its settings when it starts?',
  *run(input) {
    for (const { what, subject: name, words, nodes, at } of input.unreadable)
      for (const node of what === 'setting' ? nodes : [])
        yield {
          object: subject.setting(node, name),
          nodes: [node],
          message: `${at.file}:${at.line} ${words}: a running server goes on with the old value, and one that restarts does not start`,
          remedy: 'Write name = value, text in single quotes.',
          at,
          basis: 'text',
        }
    for (const { name, value, nodes, at } of input.settings)
      for (const node of nodes) {
        const why = value === null ? null : wrongIn(input, node, name, value)
        if (why !== null)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            message: `${why}: a running server goes on with the old value, and one that restarts does not start`,
            remedy: 'Correct it; pg_file_settings.error says the same once the file is in place.',
            at,
            basis: factOf(input, node, 'settings') === null ? 'text' : 'topology',
          }
      }
  },
})

function wrongIn(input: ReviewInput, node: string, name: string, value: string): string | null {
  const known = knownSetting(name)
  if (known === null) {
    // A name with a dot belongs to an extension, which may not be loaded yet.
    if (name.includes('.') || (input.topology === null && isOlderSetting(name))) return null
    if (factOf(input, node, 'settings')?.[name] !== undefined) return null
    const near = nearestSetting(name)
    return `there is no setting ${name}${near === null ? '' : ` (there is ${near})`}`
  }
  const wrong = (words: string): string => `${name} takes ${words}, not "${value.slice(0, 60)}"`
  switch (known.type) {
    case 'bool':
      return flag(value) === null ? wrong('on or off') : null
    case 'enum':
      return known.values.includes(value.toLowerCase()) || (flag(value) !== null && known.values.includes('on'))
        ? null
        : wrong(`one of ${known.values.join(', ')}`)
    case 'integer':
    case 'real': {
      const isHex = /^0x[0-9a-f]+$|^0[0-7]+$/i.test(value)
      const amount = isHex ? Number(value) : quantity(value, known.unit ?? '')
      if (amount === null) return wrong('a number')
      const isPlain = known.unit === null && !isHex
      return isPlain && (amount < known.min || amount > known.max) ? wrong(`${known.min} to ${known.max}`) : null
    }
    case 'string':
  }
  return null
}
