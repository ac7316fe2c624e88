import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { ReplicationResult } from '../../contracts/examine/replication.ts'
import { testReplication } from '../../contracts/examine/test-replication.ts'
import { readSettingsText } from '../../contracts/settings-files.ts'
import { testContract, type TestedContract } from '../../contracts/test-contract.ts'
import { AntemortemError } from '../../core/error.ts'
import { contractResultJson } from '../../shapes/contract.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand } from '../command.ts'
import { printContracts } from '../text/contracts.ts'

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
    if (clusters.every(({ contracts }) => contracts.length === 0)) throw noContract(configuration.file)
    const key = randomBytes(32)
    const results: TestedContract[] = []
    const replication: (ReplicationResult & { readonly cluster: string })[] = []
    for (const cluster of clusters) {
      for (const contract of cluster.contracts) {
        context.progress(`testing ${contract.name} of ${cluster.name}`)
        const settings = { cluster, contract, key, from: hostname(), signal: context.signal }
        results.push(...(await testContract(settings, readSettingsText)))
      }
      if (cluster.contracts.length === 0) continue
      context.progress(`looking at the replication of ${cluster.name}`)
      const found = await testReplication(cluster, context.signal)
      replication.push(...found.map((one) => ({ cluster: cluster.name, ...one })))
    }
    if (context.format === 'json')
      context.out.json({
        contracts: results.map(({ fact, remedy, notes }) => ({ ...contractResultJson(fact), remedy, notes })),
        replication,
      })
    else printContracts(results, replication, context)
    const holds = results.every(({ fact }) => fact.ok) && replication.every(({ ok }) => ok !== false)
    return holds ? 0 : 1
  },
})

const noContract = (file: string | null): AntemortemError =>
  new AntemortemError(
    'no-contract',
    `${file ?? 'the configuration'} declares no contract`,
    'Declare one: clusters.NAME.contracts.login: { settings: [/srv/app/.env], node: primary, canary: "select …" }.',
    { exit: 2 },
  )
