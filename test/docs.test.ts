import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checks } from '../src/checks/list.generated.ts'
import { parse } from '../src/cli/parse.ts'
import { commands } from '../src/cli/registry.ts'
import { route } from '../src/cli/route.ts'
import { readConfig } from '../src/config/read.ts'
import { rules } from '../src/gate/rules.generated.ts'
import { shapes } from '../src/shapes/shapes.ts'

const root = resolve(import.meta.dirname, '..')
const names = commands.map(({ name }) => name)
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
]

/** The text of every fenced block of a language, with its indentation taken away. */
const fences = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, , word]) => word === language)
    .map(([, indent = '', , body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))

const configurations = ['README.md', 'docs/configuration.md'].flatMap((file) =>
  fences(read(file), 'yaml')
    .filter((text) => /^clusters:/m.test(text))
    .map((text, n) => ({ file, n: n + 1, text })),
)

test.each(configurations)('configuration $n of $file is read without a problem', ({ file, text }) => {
  expect(readConfig(text, file, { checks }).clusters).not.toEqual([])
})

test('there are configurations to read', () => {
  expect(new Set(configurations.map(({ file }) => file))).toEqual(new Set(['README.md', 'docs/configuration.md']))
})

/** Configurations that are wrong on purpose, each with what is said of it. */
const wrongOnes = [
  ...read('docs/configuration.md').matchAll(/^```yaml wrong\n([\s\S]*?)^```\n\s*```text\n([\s\S]*?)^```$/gm),
].map(([, text = '', said = '']) => ({ text, said: said.trimEnd() }))

test('docs/configuration.md shows errors as they look', () => {
  expect(wrongOnes.length).toBeGreaterThan(1)
  expect(wrongOnes.map(({ text }) => problemsOf(text))).toEqual(wrongOnes.map(({ said }) => said))
})

function problemsOf(text: string): string {
  try {
    readConfig(text, 'antemortem.yaml', { checks })
    return 'nothing is wrong'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Commands that a page tells people to type: lines of console fences, and code in tables. */
function typed(text: string): readonly string[] {
  const lines = fences(text, 'console').flatMap((block) => block.split('\n'))
  const cells = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
  return [...lines, ...cells].flatMap((line) => {
    const words = /^(?:\$ )?(?:\S*\/)?antemortem (\S.*)$/.exec(line)?.[1]
    return words === undefined ? [] : [words]
  })
}

/** Words of a line as a shell would give them: quotes hold together. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '')

/** Null where the words are a registered command, with options and arguments that it has. */
async function wrong(line: string): Promise<string | null> {
  const words = wordsOf(line)
  try {
    const found = route(words, names)
    if (found.kind === 'group') return found.isHelp ? null : `antemortem ${line}: no command`
    const command = await commands.find(({ name }) => name === found.name)?.load()
    // A table may name a command without what it wants; a line to be copied may not.
    if (command && found.rest.length > 0) parse(command.default, found.rest)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test.each(pages)('%s tells people to type only what there is', async (file) => {
  const said = await Promise.all(typed(read(file)).map(wrong))
  expect(said.filter((words) => words !== null)).toEqual([])
})

test('a command or an option that does not exist would be seen', async () => {
  const page =
    '```console\nantemortem gate approve x.sql\nantemortem check --colour red\n```\n\n| x | `antemortem coverag` |\n'
  expect(await Promise.all(typed(page).map(wrong))).toEqual([
    expect.stringContaining("unknown command 'gate approve'"),
    expect.stringContaining("unknown option '--colour'"),
    expect.stringContaining("unknown command 'coverag'"),
  ])
})

test.each(commands)('the example of $name is a line that it takes', async ({ load }) => {
  const { example } = (await load()).default
  expect(await wrong(example.replace(/^antemortem /, ''))).toBeNull()
})

const cli = read('docs/cli.md')
const sections = cli.split(/^## /m).flatMap((section) => {
  const name = /^`([^`]+)`\n/.exec(section)?.[1]
  return name === undefined ? [] : [{ name, section }]
})

test('docs/cli.md has a section for each command, in the order of help, and no other', () => {
  expect(sections.map(({ name }) => name)).toEqual(names)
})

/** Options of a table: `--cluster NAME`, `--strict`. */
const optionsIn = (section: string): readonly string[] =>
  [...section.matchAll(/^\| `(--[\w-]+)/gm)].map(([, option = '']) => option)

test.each(commands)('its section names the options of $name, and no other', async ({ name, load }) => {
  const { default: command } = await load()
  const real = (command.options ?? []).map(({ flags }) => /--[\w-]+/.exec(flags)?.[0] ?? flags)
  const section = sections.find((each) => each.name === name)?.section ?? ''
  expect(optionsIn(section).toSorted()).toEqual(real.toSorted())
})

test('docs/gate.md lists every rule with its severity and question', () => {
  const gate = read('docs/gate.md')
  const rows = [...gate.matchAll(/^\| `([a-z]+\/[a-z-]+)` \| (\w+) \| (.+) \|$/gm)].map(([, ...cells]) => cells)
  expect(rows).toEqual(rules.map(({ id, severity, question }) => [id, severity, question]))
})

test('docs/configuration.md names every threshold', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| `([a-z]+\/[a-z-]+)` \| (.+) \|$/gm)]
  const written = rows.map(([, id = '', cell = '']) => ({
    id,
    limits: [...cell.matchAll(/`(\w+): ([\w.]+)`/g)].map(([, limit = '', value = '']) => [limit, value] as const),
  }))
  const thresholds = written.map(({ id, limits }) => `  ${id}: { ${limits.map((each) => each.join(': ')).join(', ')} }`)
  const text = `clusters: { a: { engine: postgres, nodes: { n: { url: "env:URL" } } } }\nthresholds:\n${thresholds.join('\n')}\n`
  const real = checks
    .filter(({ limits }) => limits !== undefined)
    .map(({ id, limits }) => [
      id,
      Object.fromEntries(Object.entries(limits ?? {}).map(([key, each]) => [key, each.default])),
    ])
  expect(readConfig(text, 'thresholds', { checks }).thresholds).toEqual(Object.fromEntries(real))
})

/** Fields of `{a, b?: {c}, d: [{e}]}` as `a`, `b?`, `d`; what lies deeper is left out. */
function fieldsOf(notation: string): readonly string[] {
  let flat = notation.slice(notation.indexOf('{') + 1, notation.lastIndexOf('}'))
  for (let before = ''; before !== flat;) {
    before = flat
    flat = flat.replaceAll(/\{[^{}]*\}|\[[^[\]]*\]/g, '')
  }
  return flat
    .split(',')
    .map((field) => field.trim().replace(/:.*$/s, ''))
    .toSorted()
}

/** What stands behind a word of a page up to the bracket that closes it. */
function notationAfter(word: RegExp, text: string): string {
  const start = text.search(word)
  expect(start, `docs/cli.md does not say ${String(word)}`).toBeGreaterThanOrEqual(0)
  const from = text.indexOf('{', start)
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    depth += Number(text[at] === '{') - Number(text[at] === '}')
    if (depth === 0) return text.slice(from, at + 1)
  }
  return ''
}

const asSchema = z.object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()) })
/** The same of a schema; `part` is a field of it that holds objects. */
function keysOf(schema: z.ZodType, part?: string): readonly string[] {
  const whole: unknown = z.toJSONSchema(schema, { unrepresentable: 'any' })
  const inner = z.object({ items: asSchema })
  const { properties, required } =
    part === undefined ? asSchema.parse(whole) : inner.parse(asSchema.parse(whole).properties[part]).items
  return Object.keys(properties)
    .map((key) => (required.includes(key) ? key : `${key}?`))
    .toSorted()
}

const described: readonly { name: string; word: RegExp; schema: z.ZodType; part?: string }[] = [
  { name: 'Finding', word: /^Finding /m, schema: shapes.Finding },
  { name: 'Change', word: /^Change /m, schema: shapes.Change },
  { name: 'Diagnosis', word: /^Diagnosis /m, schema: shapes.Diagnosis },
  { name: 'a cause of a diagnosis', word: /^ {2}causes /m, schema: shapes.Diagnosis, part: 'causes' },
  { name: 'a suspect of a diagnosis', word: /^ {2}suspects /m, schema: shapes.Diagnosis, part: 'suspects' },
  { name: 'Plan', word: /^Plan /m, schema: shapes.Plan },
  { name: 'a step of a plan', word: /^ {2}steps /m, schema: shapes.Plan, part: 'steps' },
  { name: 'a refusal of a plan', word: /^ {2}refusals /m, schema: shapes.Plan, part: 'refusals' },
  { name: 'a result of a check', word: /(?<=results: \[)\{/, schema: shapes.CheckResult },
  { name: 'a drill', word: /(?<=drills: \[)\{id, title, seed/, schema: shapes.DrillResult },
  { name: 'a verification', word: /^\{cluster, at, verdict, coverage/m, schema: shapes.VerifyReport },
  { name: 'a review', word: /^\{change, verdict/m, schema: shapes.ReviewReport },
  { name: 'a login of replication', word: /(?<=replication: \[)\{/, schema: shapes.ReplicationLogin },
  { name: 'an outage', word: /(?<=outages: \[)\{/, schema: shapes.Outage },
]

test.each(described)('docs/cli.md has the fields of $name', ({ word, schema, part }) => {
  // `bundle` is for whoever writes one; no command prints it.
  const keys = keysOf(schema, part).filter((key) => key !== 'bundle?')
  expect(fieldsOf(notationAfter(word, cli))).toEqual(keys)
})

test('docs/cli.md has the fields of a contract and of a rehearsal, with what the commands add', () => {
  const contract = [...keysOf(shapes.ContractResult), 'remedy'].toSorted()
  expect(fieldsOf(notationAfter(/(?<=contracts: \[)\{/, cli))).toEqual(contract)
  const own = ['kept', 'not_rehearsed', 'notes', 'sample', 'took_ms', 'way_back']
  const report = keysOf(shapes.GateReport).filter((key) => !['command_exit?', 'journal?'].includes(key))
  expect(fieldsOf(notationAfter(/^\{change, stage/m, cli))).toEqual([...report, ...own].toSorted())
})

test('docs/cli.md has every event of watch with its fields', () => {
  const written = [...cli.matchAll(/\b([a-z]+\.[a-z-]+) (\{[^}]*\})/g)].map(([, type = '', fields = '']) => [
    type,
    fieldsOf(fields),
  ])
  const real = shapes.Event.options.map((option) => [
    z.string().parse(option.shape.type.value),
    keysOf(option).filter((key) => !['seq', 'at', 'cluster', 'type'].includes(key)),
  ])
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(real))
})
