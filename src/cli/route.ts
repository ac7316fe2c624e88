import { nearest } from '../config/nearest.ts'
import { AntemortemError } from '../core/error.ts'

/** What was typed: a command with the rest of the line, a group without a command, or nothing at all. */
export type Route =
  | { readonly kind: 'command'; readonly name: string; readonly rest: readonly string[] }
  | { readonly kind: 'group'; readonly words: string; readonly isHelp: boolean }

const withValue = new Set(['--config', '--format'])

/** Finds the command among the words of a line; global options may stand before it. Pure. */
export function route(argv: readonly string[], names: readonly string[]): Route {
  const words: string[] = []
  const rest: string[] = []
  const typed = (): string => words.join(' ')
  let at = 0
  for (; at < argv.length; at += 1) {
    const token = argv[at] ?? ''
    if (token === '--') break
    if (token.startsWith('-') && token !== '-') {
      rest.push(token)
      const value = argv[at + 1]
      if (withValue.has(token) && value !== undefined) {
        rest.push(value)
        at += 1
      }
      continue
    }
    const longer = [...words, token].join(' ')
    if (!names.some((name) => name === longer || name.startsWith(`${longer} `))) {
      if (names.includes(typed())) break
      throw unknownCommand(longer, names)
    }
    words.push(token)
  }
  rest.push(...argv.slice(at))
  if (names.includes(typed())) return { kind: 'command', name: typed(), rest }
  return { kind: 'group', words: typed(), isHelp: rest.some((token) => token === '--help' || token === '-h') }
}

function unknownCommand(typed: string, names: readonly string[]): AntemortemError {
  const near = nearest(typed, names) ?? nearest(typed, firstWords(names))
  const did = near === null ? '' : `, did you mean '${near}'?`
  return new AntemortemError('usage', `unknown command '${typed.slice(0, 80)}'${did}`, 'See antemortem --help.', {
    exit: 2,
  })
}

const firstWords = (names: readonly string[]): readonly string[] => [
  ...new Set(names.map((name) => name.split(' ')[0] ?? name)),
]
