import type { Configuration } from '../core/configuration.ts'
import type { ExitCode } from '../core/error.ts'
import type { Style } from '../report/style.ts'

export const formats = ['text', 'json', 'sarif', 'junit', 'markdown'] as const
export type Format = (typeof formats)[number]

/** Where a command speaks: results to stdout, everything else to stderr. */
export interface Out {
  /** The one JSON document of the command. Secrets are masked value by value. */
  json(value: unknown): void
  /** One JSON value on one line, for streams of events. */
  ndjson(value: unknown): void
  /** A line for people; with `--format json` it goes nowhere, so that stdout stays one document. */
  line(text?: string): void
  /** A whole document in another format (JUnit, Markdown), made by `report`, which masks each of its texts. */
  document(text: string): void
}

export interface ConfigWishes {
  /** Addresses from the command line: where there are any, no file is read. */
  readonly urls?: readonly string[]
  /** Which addresses are about to be used: they are looked for at once, and told with their lines when they are missing. */
  readonly needs?: 'url' | 'act'
}

/** The values of a command's options, by long name without the dashes. */
export interface Options {
  /** Was it given, or has it a default? */
  has(name: string): boolean
  flag(name: string): boolean
  text(name: string): string | null
  list(name: string): readonly string[]
  /** A whole number; refuses anything else with exit 2. */
  number(name: string): number | null
  /** Milliseconds, written as `60s`, `10m` or `500ms`. */
  duration(name: string): number | null
}

export interface CommandContext {
  /** Arguments in order, the rest of a list included. */
  readonly args: readonly string[]
  readonly options: Options
  readonly format: Format
  readonly style: Style
  readonly out: Out
  /** Cells of the terminal; 100 where there is none. */
  readonly width: number
  /** One line that is overwritten; only on a terminal. */
  readonly progress: (text: string) => void
  /** A line on stderr, unless `--quiet`. */
  readonly note: (text: string) => void
  /** A line on stderr with `--verbose`. */
  readonly detail: (text: string) => void
  /** Aborted by SIGINT and SIGTERM; its reason names the signal. */
  readonly signal: AbortSignal
  /** Working directory. */
  readonly cwd: string
  /** The configuration that is meant, whether it is there or not; `shown` as the user wrote it. */
  readonly configFile: { readonly path: string; readonly shown: string }
  readonly config: (wishes?: ConfigWishes) => Promise<Configuration>
}

export interface ArgumentSpec {
  /** `<file>`, `[url]`, `<files...>`, `[urls...]`. */
  readonly name: string
  readonly summary: string
}

export interface OptionSpec {
  /** `--only <glob>`, `--strict`, `--fail-on <severity>`, `--file <path...>`. */
  readonly flags: string
  readonly summary: string
  readonly default?: string
  readonly choices?: readonly string[]
}

export interface Command {
  /** As it is typed: `contract test`. */
  readonly name: string
  readonly summary: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  /** A line that works, shown by `--help`. */
  readonly example: string
  readonly formats: readonly Format[]
  /** What follows `--` belongs to another program; `args` holds it as it stands. */
  readonly wraps?: boolean
  /** Goes on until it is told to stop: it also stops when nobody reads its output any more. */
  readonly endless?: boolean
  /** No code means 0. */
  run(context: CommandContext): Promise<ExitCode | void>
}

export const defineCommand = (command: Command): Command => command

/** What a list of commands must know before it loads one. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly default: Command }>
}
