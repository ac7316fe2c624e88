import type { ExitCode } from '../core/error.ts'
import { makeStyle, wantsColour } from '../report/style.ts'
import type { CommandContext, CommandEntry } from './command.ts'
import { findConfig, loadConfiguration } from './configuration.ts'
import { failureOf } from './failure.ts'
import { overview } from './help.ts'
import type { Io } from './io.ts'
import { makeVoice } from './output.ts'
import { helpOf, parse } from './parse.ts'
import { route } from './route.ts'
import { version } from './version.ts'

/** One run of the program, without the process around it: argument words in, exit code out. Never rejects. */
export async function run(argv: readonly string[], commands: readonly CommandEntry[], io: Io): Promise<ExitCode> {
  const refused = argv.includes('--no-color')
  const style = makeStyle(wantsColour({ refused, isTerminal: io.stdout.isTerminal, env: io.env }))
  const errorStyle = makeStyle(wantsColour({ refused, isTerminal: io.stderr.isTerminal, env: io.env }))
  let command = ''
  try {
    if (isVersion(argv)) {
      io.stdout.write(`${version()}\n`)
      return 0
    }
    const found = route(
      argv,
      commands.map(({ name }) => name),
    )
    if (found.kind === 'group') {
      const sink = found.isHelp ? io.stdout : io.stderr
      sink.write(overview(commands, found.words, Math.min(sink.columns, 120)))
      return found.isHelp ? 0 : 2
    }
    command = found.name
    return await runCommand(found, commands, { io, style })
  } catch (error) {
    const { exit, text } = failureOf(error, { signal: io.signal, style: errorStyle, version: version(), command })
    if (text !== '') io.stderr.write(text)
    return exit
  }
}

async function runCommand(
  found: { readonly name: string; readonly rest: readonly string[] },
  commands: readonly CommandEntry[],
  { io, style }: { readonly io: Io; readonly style: CommandContext['style'] },
): Promise<ExitCode> {
  const entry = commands.find(({ name }) => name === found.name)
  if (!entry) throw new Error(`no command ${found.name}`)
  const { default: command } = await entry.load()
  const parsed = parse(command, found.rest)
  if (parsed === null) {
    io.stdout.write(helpOf(command))
    return 0
  }
  const voice = makeVoice(io, parsed)
  const reader = new AbortController()
  // A stream of events that nobody reads is over; a command that acts goes on to its end without a reader.
  if (command.endless)
    io.stdout.onClosed(() => reader.abort(new DOMException('nobody reads stdout any more', 'AbortError')))
  const signal = AbortSignal.any([io.signal, reader.signal])
  try {
    const code = await command.run({
      args: parsed.args,
      options: parsed.options,
      format: parsed.format,
      style,
      out: voice.out,
      width: io.stdout.columns,
      progress: voice.progress,
      note: voice.note,
      detail: voice.detail,
      signal,
      cwd: io.cwd,
      configFile: { path: findConfig(io.cwd, parsed.config), shown: parsed.config ?? 'antemortem.yaml' },
      config: async (wishes) => loadConfiguration({ cwd: io.cwd, env: io.env, option: parsed.config }, wishes),
    })
    return interrupted(io.signal) && (code ?? 0) < 2 ? 130 : (code ?? 0)
  } catch (error) {
    if (reader.signal.aborted && !io.signal.aborted && error === reader.signal.reason) return 0
    throw error
  } finally {
    voice.end()
  }
}

/** SIGTERM is how a daemon is asked to stop: it ends with the command's own code. */
const interrupted = (signal: AbortSignal): boolean => signal.aborted && String(signal.reason).includes('SIGINT')

/** Before `--`: what follows belongs to a wrapped program. */
const isVersion = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  const ours = end < 0 ? argv : argv.slice(0, end)
  return ours.includes('--version') || ours[0] === '-V'
}
