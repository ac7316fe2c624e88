import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { defineCommand, type Command, type CommandContext, type CommandEntry } from './command.ts'
import { commands } from './registry.ts'
import { run } from './run.ts'
import { fakeIo } from './testing/fake-io.ts'

const command = (
  does: (context: CommandContext) => ReturnType<Command['run']>,
  rest: Partial<Command> = {},
): CommandEntry => {
  const whole = defineCommand({
    name: 'try it',
    summary: 'does what a test wants',
    arguments: [{ name: '[words...]', summary: 'any words' }],
    options: [
      { flags: '--only <glob>', summary: 'only these' },
      { flags: '--for <duration>', summary: 'how long' },
      { flags: '--count <n>', summary: 'how many' },
      { flags: '--file <path...>', summary: 'files' },
      { flags: '--dry-run', summary: 'do nothing' },
    ],
    example: 'antemortem try it',
    formats: ['text', 'json'],
    run: async (context) => does(context),
    ...rest,
  })
  return { name: whole.name, summary: whole.summary, load: async () => ({ default: whole }) }
}

async function tried(
  argv: readonly string[],
  does: Parameters<typeof command>[0] = async () => 0,
  rest: Partial<Command> = {},
) {
  const io = fakeIo()
  const code = await run(argv, [command(does, rest)], io)
  return { code, ...io.printed }
}

describe('run', () => {
  test('hands over arguments and options, with global options on either side', async () => {
    let seen: unknown
    const argv = [
      '--format',
      'json',
      'try',
      'it',
      'a',
      'b',
      '--for',
      '2m',
      '--count',
      '3',
      '--dry-run',
      '--file',
      'x',
      'y',
      '--quiet',
    ]
    const { code } = await tried(argv, async ({ args, options, format }) => {
      seen = [
        args,
        options.duration('for'),
        options.number('count'),
        options.flag('dry-run'),
        options.list('file'),
        options.text('only'),
        format,
      ]
    })
    expect(code).toBe(0)
    expect(seen).toEqual([['a', 'b'], 120_000, 3, true, ['x', 'y'], null, 'json'])
  })

  test('a wrapped program keeps its own options', async () => {
    let args: readonly string[] = []
    await tried(
      ['try', 'it', '--only', 'x', '--', 'npm', 'run', '--format', 'json', '--version'],
      async (context) => {
        args = context.args
      },
      { wraps: true },
    )
    expect(args).toEqual(['npm', 'run', '--format', 'json', '--version'])
  })

  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['try', 'it', '--onyl', 'x'], "unknown option '--onyl', did you mean '--only'?"],
    [['try', 'it', '--format', 'xml'], 'Allowed choices are text, json'],
    [['try', 'it', '--count', 'many'], 'expected a whole number'],
    [['try', 'it', '--for', 'ever'], 'expected a duration'],
  ])('%j is a usage error in a few words', async (argv, words) => {
    const { code, out, err } = await tried(
      argv,
      async ({ options }) => void [options.number('count'), options.duration('for')],
    )
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(words)
    expect(err.trimEnd().split('\n').length).toBeLessThanOrEqual(2)
  })

  test('help of every command shows an example; the overview names every command', async () => {
    expect(await tried(['try', 'it', '--help'])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('Example:\n  antemortem try it'),
    })
    expect(await tried(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('try it') })
    expect(await tried(['try'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('try it') })
    expect(await tried(['try', 'it', '--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  test('what the user can act on is told without a stack, and ends with its own code', async () => {
    const error = new AntemortemError('node-unreachable', 'postgres://a:s3cret@h/d does not answer', 'Start it.', {
      exit: 3,
    })
    const { code, err } = await tried(['try', 'it'], () => Promise.reject(error))
    expect(code).toBe(3)
    expect(err).toBe('antemortem: postgres://a:***@h/d does not answer\n  Start it.\n')
  })

  test('a bug shows its stack and what to report, and no secret', async () => {
    const cause = new Error('password=s3cret')
    const { code, err } = await tried(['try', 'it', 'my-own-words'], () =>
      Promise.reject(new TypeError('boom', { cause })),
    )
    expect(code).toBe(70)
    expect(err).toContain('TypeError: boom\n    at ')
    expect(err).toContain('caused by: Error: password=***')
    expect(err).toContain("command 'try it'")
    expect(err).not.toContain('my-own-words')
  })

  test('json is one document on stdout, masked value by value; lines for people stay away', async () => {
    const { out, err } = await tried(
      ['try', 'it', '--format', 'json', '--verbose'],
      async ({ out: to, note, detail, progress }) => {
        progress('working')
        note('a note')
        detail('a detail for password=s3cret')
        to.line('for people')
        to.json({ url: 'postgres://a:s3cret@h/d', n: 1 })
      },
    )
    expect(JSON.parse(out)).toEqual({ url: 'postgres://a:***@h/d', n: 1 })
    expect(err).toBe('a note\na detail for password=***\n')
  })

  test('progress is drawn on a terminal only, taken away at the end, and quiet is quiet', async () => {
    const does = async ({ progress, note }: CommandContext): Promise<void> => {
      progress('working')
      note('a note')
    }
    const terminal = fakeIo({ isTerminal: true })
    await run(['try', 'it'], [command(does)], terminal)
    expect(terminal.printed.err).toContain('working')
    expect(terminal.printed.err).toContain('\u001b[2Ka note')
    const quiet = fakeIo({ isTerminal: true })
    await run(['try', 'it', '--quiet'], [command(does)], quiet)
    expect(quiet.printed.err).toBe('')
  })
})

describe('a signal', () => {
  const waits = async ({ signal }: CommandContext): Promise<void> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

  const interrupted = async (name: string, does: Parameters<typeof command>[0]) => {
    const io = fakeIo()
    const running = run(['try', 'it'], [command(does)], io)
    setTimeout(() => io.stop.abort(new DOMException(`interrupted by ${name}`, 'AbortError')), 20)
    return { code: await running, ...io.printed }
  }

  test('SIGINT ends with 130, after the command has cleaned up', async () => {
    expect(await interrupted('SIGINT', waits)).toEqual({ code: 130, out: '', err: '' })
    let isClean = false
    const cleans = async (context: CommandContext): Promise<void> => {
      await waits(context).catch(() => undefined)
      isClean = true
    }
    expect((await interrupted('SIGINT', cleans)).code).toBe(130)
    expect(isClean).toBe(true)
  })

  test('SIGTERM of a command that ends in good order is its own code', async () => {
    const watches = async (context: CommandContext) => waits(context).catch(() => 0 as const)
    expect((await interrupted('SIGTERM', watches)).code).toBe(0)
    expect((await interrupted('SIGTERM', waits)).code).toBe(130)
  })

  test('a failure that needs a person is told in spite of it', async () => {
    const fails = async (context: CommandContext) =>
      waits(context).catch(() => Promise.reject(new AntemortemError('x', 'rolled back', 'Look.', { exit: 4 })))
    expect(await interrupted('SIGINT', fails)).toMatchObject({ code: 4, err: expect.stringContaining('rolled back') })
  })

  test('a stream that nobody reads any more ends; a command that acts goes on', async () => {
    for (const [endless, code] of [
      [true, 0],
      [false, 130],
    ] as const) {
      const io = fakeIo()
      const running = run(['try', 'it'], [command(waits, { endless })], io)
      setTimeout(() => io.closeStdout(), 20)
      if (!endless) setTimeout(() => io.stop.abort(new DOMException('interrupted by SIGINT', 'AbortError')), 60)
      expect(await running).toBe(code)
    }
  })
})

describe('the commands that there are', () => {
  test.each(commands.map((entry) => [entry.name, entry] as const))(
    '%s is what its entry says, and its help shows its example',
    async (name, entry) => {
      const { default: loaded } = await entry.load()
      expect(loaded.name).toBe(name)
      expect(loaded.summary).toBe(entry.summary)
      expect(loaded.example.startsWith(`antemortem ${name}`)).toBe(true)
      expect(loaded.formats[0]).toBe('text')
      const io = fakeIo()
      expect(await run([...name.split(' '), '--help'], commands, io)).toBe(0)
      expect(io.printed.out).toContain(loaded.example)
    },
  )
})
