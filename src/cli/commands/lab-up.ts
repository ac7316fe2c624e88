import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import dangerous from '../../checks/configuration/dangerous-durability.ts'
import { AntemortemError } from '../../core/error.ts'
import { subject } from '../../core/subject.ts'
import type { App } from '../../lab/app/app.ts'
import { readKey } from '../../lab/app/settings.ts'
import type { Lab } from '../../lab/lab.ts'
import { defineCommand } from '../command.ts'

/**
 * A throw-away topology to play with; it stays until `lab down`. Its passwords lie in a file of its own that the addresses name:
 * they work as they are printed, for psql too, and no secret stands on a screen, in a log or in a list of processes.
 */
export default defineCommand({
  name: 'lab up',
  summary: 'start a primary, a standby, a logical subscriber and a login application',
  options: [
    { flags: '--dir <dir>', summary: 'where its files lie; a new directory, where left out' },
    { flags: '--topology <name>', summary: 'which topology', choices: ['auth'], default: 'auth' },
    { flags: '--postgres <major>', summary: 'major version of the binaries; the newest that is found, where left out' },
  ],
  example: 'antemortem lab up --dir /tmp/my-lab',
  formats: ['text', 'json'],
  async run({ options, format, out, style, progress, signal }) {
    const [{ startLab }, { authBlueprint }, { startApp }, { keepLogs }] = await Promise.all([
      import('../../lab/start-lab.ts'),
      import('../../lab/auth.ts'),
      import('../../lab/app/start-app.ts'),
      import('../../lab/keep-logs.ts'),
    ])
    const [dir, major] = [options.text('dir'), options.number('postgres')]
    const lab = await startLab(authBlueprint(), {
      ...(dir !== null && { dir }),
      signal,
      progress,
      detach: true,
      ...(major !== null && { major }),
    })
    try {
      const app = await startApp(lab, { detach: true })
      signal.throwIfAborted()
      const nodes = addressesOf(lab)
      const config = writeConfig(lab, app)
      if (format === 'json')
        return out.json({
          dir: lab.dir,
          config,
          nodes,
          app: { settings: app.envFiles, outcomes: app.outcomes, logs: app.logs },
        })
      out.line(`${style.good('up')}  ${lab.dir}`)
      for (const { name, role } of lab.nodes) out.line(`  ${name.padEnd(12)} ${role.padEnd(10)} ${nodes[name] ?? ''}`)
      out.line(`  ${'application'.padEnd(23)} ${app.instances.length} instances, outcomes in ${app.outcomes}`)
      out.line(`  ${''.padEnd(23)} what they complain of in ${app.logs.join(', ')}`)
      out.line()
      out.line(`Look at it:  antemortem check --config ${config}`)
      out.line(`End it:      antemortem lab down --dir ${lab.dir}`)
    } catch (error) {
      let kept: string | null = null
      try {
        kept = signal.aborted ? null : keepLogs(lab.dir)
      } finally {
        await lab.close()
      }
      if (signal.aborted || !(error instanceof Error)) throw error
      throw new AntemortemError(
        'lab-app-failed',
        `the login application did not start: ${error.message}`,
        kept === null ? 'It left no log.' : `Its log, and those of the servers, are kept in ${kept}`,
        { cause: error },
      )
    }
  },
})

/** Of the reading role; the passwords stay in the file that libpq and we read. */
function addressesOf(lab: Lab): Readonly<Record<string, string>> {
  const { watch } = lab.blueprint.logins
  return Object.fromEntries(lab.nodes.map(({ name }) => [name, addressOf(lab, name, watch)]))
}

const passFile = (lab: Lab): string => join(lab.dir, 'pgpass')

function addressOf(lab: Lab, node: string, role: string): string {
  const { host, port, database } = lab.node(node)
  return `postgresql://${role}@${host}:${port}/${database}?passfile=${encodeURI(passFile(lab))}`
}

/** The passwords, and a configuration that knows the nodes, both roles and the application. */
function writeConfig(lab: Lab, app: App): string {
  const { watch, admin, app: login } = lab.blueprint.logins
  const lines = lab.nodes.flatMap(({ host, port }) =>
    [watch, admin, login].map((role) => `${host}:${port}:*:${role}:${lab.password(role)}\n`),
  )
  writeFileSync(passFile(lab), lines.join(''), { mode: 0o600 })
  const primary = lab.nodes.find(({ role }) => role === 'primary')?.name ?? ''
  const quote = (text: string): string => JSON.stringify(text)
  const text = `clusters:
  ${lab.blueprint.name}:
    engine: postgres
    nodes:
${lab.nodes
  .map(
    ({ name, dataDir, logFile }) =>
      `      ${name}: { url: ${quote(addressOf(lab, name, watch))}, act: ${quote(addressOf(lab, name, admin))}, host: { local: true, data: ${quote(dataDir)}, log: ${quote(logFile)} } }\n`,
  )
  .join('')}    contracts:
      login:
        settings: [${app.envFiles.map(quote).join(', ')}]
        node: ${primary}
        reads: { ${lab.nodes.map(({ name }) => `${name}: "#${readKey(name)}"`).join(', ')} }
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"
        outcomes: ${quote(`file:${app.outcomes}`)}
# The servers of a lab are quick and thrown away: that a crash may destroy them is known. Anything else that is unsafe is told.
mutes:
${lab.nodes
  .map(
    ({ name }) =>
      `  - { check: ${dangerous.id}, subject: ${quote(subject.setting(name, 'fsync'))}, owner: antemortem lab, reason: a lab is thrown away, until: 2099-12-31 }\n`,
  )
  .join('')}`
  const file = join(lab.dir, 'antemortem.yaml')
  writeFileSync(file, text)
  return file
}
