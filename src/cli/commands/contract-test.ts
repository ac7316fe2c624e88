import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { readSettingsText } from '../../contracts/settings-files.ts'
import { testContract } from '../../contracts/test-contract.ts'
import type { ProbeResult } from '../../contracts/probe.ts'
import { AntemortemError } from '../../core/error.ts'
import { duration } from '../../report/duration.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import { contractResultJson } from '../../shapes/contract.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'

/** The application's own connections, made once: the quickest answer to "can it log in, and if not, why". */
export default defineCommand({
  name: 'contract test',
  summary: 'connect as the application does, and say which layer fails',
  options: [{ flags: '--cluster <name>', summary: 'only the contracts of this cluster' }],
  example: 'antemortem contract test',
  formats: ['text', 'json'],
  async run(context) {
    const configuration = await context.config()
    const clusters = chosenClusters(configuration, context.options.text('cluster'))
    const contracts = clusters.flatMap((cluster) => cluster.contracts.map((contract) => ({ cluster, contract })))
    if (contracts.length === 0) throw noContract(configuration.file)
    const key = randomBytes(32)
    const results: ProbeResult[] = []
    for (const { cluster, contract } of contracts) {
      context.progress(`testing ${contract.name} of ${cluster.name}`)
      const settings = { cluster, contract, key, from: hostname(), signal: context.signal }
      results.push(...(await testContract(settings, readSettingsText)))
    }
    if (context.format === 'json')
      context.out.json({ contracts: results.map(({ fact, remedy }) => ({ ...contractResultJson(fact), remedy })) })
    else print(results, context)
    return results.every(({ fact }) => fact.ok) ? 0 : 1
  },
})

const noContract = (file: string | null): AntemortemError =>
  new AntemortemError(
    'no-contract',
    `${file ?? 'the configuration'} declares no contract`,
    'Declare one: clusters.NAME.contracts.login: { settings: [/srv/app/.env], node: primary, canary: "select …" }.',
    { exit: 2 },
  )

function print(results: readonly ProbeResult[], { out, style, width }: CommandContext): void {
  const rows = results.map(({ fact }) => [
    fact.ok ? style.good('ok') : style.bad('FAILS'),
    `${fact.contract}:${fact.instance}`,
    `→ ${fact.node}`,
    duration(fact.ms),
    fact.ok
      ? style.faint(`as ${fact.role}, from ${fact.from}`)
      : `${style.strong(fact.layer ?? 'settings')}: ${fact.message ?? ''}`,
  ])
  for (const line of table(rows, { align: ['left', 'left', 'left', 'right'], width })) out.line(line)
  const remedies = Map.groupBy(
    results.filter(({ remedy }) => remedy !== null),
    ({ remedy }) => remedy,
  )
  if (remedies.size > 0) out.line()
  for (const [remedy, group] of remedies) {
    const routes = group.map(({ fact }) => `${fact.instance} → ${fact.node}`)
    for (const line of wrap(`${style.strong(`${routes.join(', ')}:`)} ${remedy}`, width, '  ')) out.line(line)
  }
}
