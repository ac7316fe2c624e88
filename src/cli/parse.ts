import { Argument, Command as Parser, CommanderError, Option } from 'commander'
import { nearest } from '../config/nearest.ts'
import { readQuantity } from '../config/quantity.ts'
import { AntemortemError } from '../core/error.ts'
import { formats, type Command, type Format, type Options } from './command.ts'

export interface Parsed {
  readonly args: readonly string[]
  readonly options: Options
  readonly config: string | null
  readonly format: Format
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
}

export const globalOptions: readonly (readonly [string, string])[] = [
  ['--config <file>', 'the configuration, ./antemortem.yaml where it is not said'],
  ['--format <format>', 'how results are printed'],
  ['--quiet', 'nothing on stderr but errors'],
  ['--verbose', 'more of what happens on stderr'],
  ['--no-color', 'no colours, as with NO_COLOR'],
]

/** Reads the rest of a line for one command. Throws (exit 2) on what it does not know; null where help was asked for. */
export function parse(command: Command, rest: readonly string[]): Parsed | null {
  const parser = parserOf(command)
  try {
    parser.parse([...rest], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.help' || error.code === 'commander.helpDisplayed') return null
    throw usageError(command, error)
  }
  // A word that stands there without it is a command that is not there, or one that somebody forgot to shut off.
  const [first] = parser.args
  if (command.wraps && first !== undefined && !rest.includes('--'))
    throw new AntemortemError(
      'usage',
      `unknown command '${command.name} ${first.slice(0, 60)}'; a command to be wrapped stands behind --`,
      `For instance: ${command.example}`,
      { exit: 2 },
    )
  const values: Readonly<Record<string, unknown>> = parser.opts()
  const options = optionsOf(command, values)
  return {
    // Commander takes the `--` away; for a wrapped program every word behind it is kept as it stands.
    args: parser.args,
    options,
    config: options.text('config'),
    format: formats.find((format) => format === values['format']) ?? 'text',
    quiet: values['quiet'] === true,
    verbose: values['verbose'] === true,
    color: values['color'] !== false,
  }
}

function parserOf(command: Command): Parser {
  const parser = new Parser(`antemortem ${command.name}`)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .allowExcessArguments(command.wraps === true)
    .passThroughOptions(false)
  for (const { name, summary } of command.arguments ?? []) parser.addArgument(new Argument(name, summary))
  for (const { flags, summary, default: value, choices } of command.options ?? []) {
    const option = new Option(flags, summary)
    if (value !== undefined) option.default(value)
    if (choices) option.choices(choices)
    parser.addOption(option)
  }
  for (const [flags, summary] of globalOptions) {
    const option = new Option(flags, summary)
    if (flags.startsWith('--format')) option.choices(command.formats).default('text')
    parser.addOption(option)
  }
  // What is done comes from the values; commander wants an action before it minds arguments.
  return parser.action(() => undefined)
}

/** Usage, arguments, options, and the example. */
export const helpOf = (command: Command): string =>
  `${parserOf(command).description(sentence(command.summary)).helpInformation().trimEnd()}\n\nExample:\n  ${command.example}\n`

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function usageError(command: Command, error: CommanderError): AntemortemError {
  const words = error.message
    .replace(/^error: /, '')
    .replace(/\s*\(Did you mean [^)]*\)\s*$/s, '')
    .replace(/\n.*/s, '')
  const option = /unknown option '(--?[\w-]+)/.exec(words)?.[1]
  const near = option === undefined ? null : nearest(option, longNames(command))
  const did = near === null ? '' : `, did you mean '${near}'?`
  const hint = `See antemortem ${command.name} --help.`
  return new AntemortemError('usage', `${command.name}: ${words}${did}`, hint, { exit: 2, cause: error })
}

const longNames = (command: Command): readonly string[] =>
  [...(command.options ?? []).map(({ flags }) => flags), ...globalOptions.map(([flags]) => flags)].map(
    (flags) => /--[\w-]+/.exec(flags)?.[0] ?? flags,
  )

function optionsOf(command: Command, values: Readonly<Record<string, unknown>>): Options {
  const value = (name: string): unknown => values[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]
  const text = (name: string): string | null => {
    const given = value(name)
    return typeof given === 'string' ? given : null
  }
  const quantity = (name: string, unit: 'count' | 'ms', what: string): number | null => {
    const given = text(name)
    if (given === null) return null
    const number = readQuantity(given, unit)
    if (number !== null) return number
    throw new AntemortemError(
      'usage',
      `${command.name}: --${name} ${given.slice(0, 40)}: expected ${what}`,
      `See antemortem ${command.name} --help.`,
      { exit: 2 },
    )
  }
  return {
    has: (name) => value(name) !== undefined,
    flag: (name) => value(name) === true,
    text,
    list: (name) => {
      const given = value(name)
      return Array.isArray(given) ? given.map(String) : typeof given === 'string' ? [given] : []
    },
    number: (name) => quantity(name, 'count', 'a whole number'),
    duration: (name) => quantity(name, 'ms', 'a duration such as 60s, 10m or 500ms'),
  }
}
