/** What is wrong around the program, on real parts: nothing harmful, nothing silent, and what to do is said. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { z } from 'zod'
import { commands } from '../../src/cli/registry.ts'
import { run } from '../../src/cli/run.ts'
import { fakeIo } from '../../src/cli/testing/fake-io.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { testLab } from '../../src/lab/testing.ts'

export let lab: Lab
export let dir: string
/** A reset takes half a second, and most tests change nothing on its servers. */
let isChanged = true

/** The test at hand breaks the servers: the next one gets them as they were made. */
export function change(): void {
  isChanged = true
}

beforeEach(async () => {
  if (isChanged) lab = await testLab()
  isChanged = false
  dir = mkdtempSync(join(tmpdir(), 'faults-'))
  // Files of ours are read by servers and programs of somebody else.
  chmodSync(dir, 0o711)
  configure()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

export const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)

/** The lab's nodes, or some under other addresses or with a host; and its application. */
export function configure({
  urls = {},
  hosts = {},
  routes = {},
  more = '',
}: {
  readonly urls?: Readonly<Record<string, string>>
  readonly hosts?: Readonly<Record<string, string>>
  readonly routes?: Readonly<Record<string, string>>
  readonly more?: string
} = {}): void {
  const nodes = { ...Object.fromEntries(lab.nodes.map(({ name }) => [name, lab.url(name, 'watch')])), ...urls }
  const lines = Object.entries(nodes).map(([name, url]) => {
    write(`${name}.url`, `${url}\n`)
    const host = hosts[name] === undefined ? '' : `, host: ${hosts[name]}`
    return `      ${name}: { url: "file:${join(dir, `${name}.url`)}"${host} }\n`
  })
  const route = (node: string): string => routes[node] ?? lab.url(node, 'app')
  write(
    'app.env',
    `DATABASE_URL=${route('primary')}\nREAD_STANDBY_URL=${route('standby')}\nREAD_REPORTS_URL=${route('reports')}\n`,
  )
  write(
    'antemortem.yaml',
    `clusters:
  auth:
    engine: postgres
    nodes:
${lines.join('')}    contracts:
      login:
        settings: app.env
        node: primary
        reads: { standby: "#READ_STANDBY_URL", reports: "#READ_REPORTS_URL" }
        canary: "select id, md5(password_hash) from users where id in (1, 500, 900)"
        within_ms: 5s
${more}`,
  )
}

/** The program, within this process. */
export async function antemortem(...args: readonly string[]) {
  const io = fakeIo({ cwd: dir })
  const code = await run(args, commands, io)
  return { code, ...io.printed }
}

const eventShape = z.looseObject({
  type: z.string(),
  finding: z.object({ check: z.string(), node: z.string().optional(), message: z.string() }).optional(),
  change: z.looseObject({ object: z.string() }).optional(),
})
export async function watched(time: string) {
  const { code, out, err } = await antemortem('watch', '--for', time, '--format', 'json')
  const events = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventShape.parse(JSON.parse(line)))
  return {
    code,
    err,
    events,
    words: out,
    opened: events.flatMap(({ type, finding }) =>
      type === 'finding.opened' && finding ? [`${finding.check} ${finding.node ?? ''}`] : [],
    ),
    changes: events.flatMap(({ change }) => (change ? [change.object] : [])),
  }
}

const contractShape = z.object({
  contracts: z.array(
    z.object({
      node: z.string(),
      layer: z.string().nullable(),
      message: z.string().nullable(),
      remedy: z.string().nullable(),
    }),
  ),
})
export async function contractTest() {
  const { code, out, err } = await antemortem('contract', 'test', '--format', 'json')
  const contracts = out === '' ? [] : contractShape.parse(JSON.parse(out)).contracts
  return { code, err, contracts, layers: contracts.map(({ node, layer }) => `${node} ${layer ?? 'ok'}`) }
}
