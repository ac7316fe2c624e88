import { existsSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import { wrap } from '../../report/wrap.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import type { Draft } from '../init/draft.ts'
import { placesOf, type Grants } from '../init/grants.ts'

/** The first command on a new cluster: it looks, and writes down what it has seen. */
export default defineCommand({
  name: 'init',
  summary: 'look at servers and write antemortem.yaml: nodes, contracts, what is missing, the grants',
  arguments: [{ name: '<urls...>', summary: 'addresses of the nodes, with the reading role' }],
  options: [{ flags: '--force', summary: 'overwrite the file' }],
  example: 'antemortem init postgres://antemortem@db1/app postgres://antemortem@db2/app',
  formats: ['text', 'json'],
  async run(context) {
    const { configFile: file, options, format, out } = context
    if (existsSync(file.path) && !options.flag('force')) throw isThere(file.shown)
    const configuration = await context.config({ urls: context.args, needs: 'url' })
    const [{ draftOf }, { configurationJson, configurationText }] = await Promise.all([
      import('../init/look.ts'),
      import('../init/text.ts'),
    ])
    context.progress('looking')
    const folder = dirname(file.path)
    const { draft, grants } = await draftOf(configuration, { folder: context.cwd, signal: context.signal }, (found) =>
      relative(folder, resolve(context.cwd, found)),
    )
    write(file, configurationText(draft, grants), options.flag('force'))
    if (format === 'json') out.json(configurationJson(draft, grants, file.shown))
    else tell(draft, grants, context)
    return 0
  },
})

function write({ path, shown }: CommandContext['configFile'], text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new AntemortemError(
      'configuration-unwritable',
      `${shown}: ${code}`,
      'Run it in a directory that this user may write to, or name a file with --config FILE.',
      { exit: 2, cause: error },
    )
  }
}

const isThere = (shown: string): AntemortemError =>
  new AntemortemError(
    'configuration-exists',
    `${shown} is there already`,
    'Name another file with --config FILE, or overwrite it: antemortem init --force.',
    { exit: 2 },
  )

function tell({ nodes, missing, contracts }: Draft, grants: readonly Grants[], context: CommandContext): void {
  const { out, style, width, configFile } = context
  const line = (text: string, indent = ''): void => {
    for (const part of wrap(text, width - indent.length, indent)) out.line(part)
  }
  out.line(`${style.good('written')}  ${configFile.shown}`)
  for (const { name, url } of nodes) line(`  ${style.strong(name)}  ${url}`)
  for (const { name, settings, node } of contracts)
    line(`  contract ${style.strong(name)}  ${settings.join(', ')} → ${node}`)
  const variables = nodes.flatMap(({ name, variable }) => (variable === null ? [] : [{ name, variable }]))
  if (variables.length > 0) out.line()
  for (const { name, variable } of variables)
    line(`Set ${style.name(variable)} to the address of ${name}: no password stands in the file.`)
  if (missing.length > 0) out.line()
  for (const { name, role, by, variable, needs } of missing)
    line(`${by} tells of a ${role}: set ${style.name(variable ?? '')} to ${needs}, and take the # before ${name} away.`)
  for (const each of grants) {
    out.line()
    out.line(style.strong(`The reading role needs on ${placesOf(each)}:`))
    for (const statement of each.statements) out.line(`  ${statement}`)
  }
  out.line()
  line(`Then: ${style.name('antemortem check')}, which says what the role still cannot see.`)
}
