import { join } from 'node:path'
import type { Allowed } from '../allow.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Severity } from '../../core/severity.ts'
import { readKeptSettings } from '../../engines/postgres/act/server-settings.ts'
import type { Doer, StepContext } from '../../plans/doer.ts'
import type { Step as ChangeStep } from '../run/targets.ts'
import { beatAll } from '../beat/beat-all.ts'
import { whyNotNow } from './calm.ts'
import { canaryDoers } from './canary-doers.ts'
import { stateOf, stateText } from './cluster-state.ts'
import type { Store } from '../../store/store.ts'
import { connectionDoers } from './connection-doers.ts'
import { fileDoers } from './file-doers.ts'
import { GateRecords } from './kept.ts'
import { compareBefore, testProduction } from './production-test.ts'
import { actingUrl, connectContracts, lookAtCluster, lookAtProduction, primaryIn } from './reach.ts'
import { statementDoers } from './statement-doers.ts'
import { transactionDoers } from './transaction-doers.ts'
import { captureFile, digestOf } from '../wrap/files/captured.ts'
import { judgeProduction } from './verdict.ts'

/** What the doers of a change need beyond its plan. */
export interface GateReach {
  readonly cluster: ClusterConfig
  readonly records: GateRecords
  readonly digest: (text: string) => string
  /** A copy of a server's file, for its owner only; the name under which it is kept. */
  readonly keepFile: (name: string, bytes: Uint8Array) => string
  /** The statements, as the tests judge by them. A way back needs none. */
  readonly change: GateChange | null
}

export interface GateChange {
  readonly steps: readonly ChangeStep[]
  /** As `schema.table`. */
  readonly touched: ReadonlySet<string>
  readonly serving: ReadonlySet<string>
  readonly allow: readonly Allowed[]
  readonly failOn: Severity
  readonly today: () => string
}

/** The doers of `gate-apply` and of its undo. */
export function gateDoersOf(reach: GateReach): readonly Doer[] {
  const { cluster, records } = reach
  const act = (node: string): string => actingUrl(cluster, node)
  const calm = async (context: StepContext) => {
    const before = await records.find('gate-before', context.plan.undoes ?? context.plan.id)
    // A way back is wanted most when all is not well.
    if (!before || context.plan.undoes !== undefined) return null
    return whyNotNow(before.body.production, {
      look: async () => lookAtCluster(cluster, context.signal),
      contracts: async () => connectContracts(cluster, context.signal),
      signal: context.signal,
    })
  }
  return [
    {
      kind: 'gate-look',
      async do(_, context) {
        const before = await lookAtProduction(cluster, context.signal)
        if (reach.digest(stateText(stateOf(before.snapshot))) !== context.plan.basis.fingerprint) throw clusterChanged()
        const { change } = reach
        const options = { cluster, before, primary: primaryIn(before.snapshot), signal: context.signal }
        const differed = change ? await compareBefore({ ...options, touched: change.touched }) : []
        await records.save('gate-before', context.plan.id, { production: before, differed })
        return { contracts: before.contracts.length, failing: before.contracts.filter(({ ok }) => !ok).length }
      },
      probe: onlyReads,
    },
    {
      kind: 'gate-keep-settings',
      async do(step, { plan, signal }) {
        const node = step.node ?? ''
        const { settings, text } = await readKeptSettings(node, act(node), signal)
        const said = Buffer.from(JSON.stringify(settings))
        await records.save('gate-settings', `${plan.id}/${node}`, {
          kept: reach.keepFile(`${plan.id}.${node}.alter-system.json`, said),
          sha256: digestOf(said),
        })
        const data = cluster.nodes.find(({ name }) => name === node)?.host?.data ?? null
        const onDisk = data === null ? null : (captureFile(join(data, 'postgresql.auto.conf'))?.bytes ?? null)
        const bytes = text === null ? onDisk : Buffer.from(text)
        return {
          settings: Object.keys(settings).length,
          copy: bytes === null ? null : reach.keepFile(`${plan.id}.${node}.postgresql.auto.conf`, bytes),
        }
      },
      probe: onlyReads,
    },
    ...canaryDoers(cluster, records),
    ...transactionDoers({ act, records, calm }),
    ...statementDoers({ act, records, calm }),
    ...connectionDoers({ act, records, keepFile: reach.keepFile }),
    ...fileDoers({ act, records, calm, cluster, keepFile: reach.keepFile }),
    {
      kind: 'gate-test',
      async do(_, { plan, signal }) {
        const { change } = reach
        const before = await records.find('gate-before', plan.id)
        if (!change || !before) throw new Error('the tests know neither the change nor what was before it')
        const { production, differed } = before.body
        const primary = primaryIn(production.snapshot)
        const beats = (await records.find('gate-beats', plan.id))?.body ?? []
        // Before the counters are looked at: what stops at a row stops at these.
        const after = beats.length === 0 ? [] : await beatAll({ cluster, before: production.snapshot, signal })
        const tested = await testProduction({ cluster, before: production, primary, touched: change.touched, signal })
        const said = judgeProduction({
          before: production,
          differedBefore: differed,
          tested,
          beats: { before: beats, after, behind: 'the change' },
          primary,
          ...change,
          today: change.today(),
        })
        await records.save('gate-verdict', plan.id, said)
        if (said.verdict === 'block') throw testsFailed(said.findings.map(({ message }) => message))
        await records.save('gate-applied', plan.cluster, {
          change: String(plan.steps[0]?.input['change']),
          fingerprint: reach.digest(stateText(stateOf(tested.now.snapshot))),
          verdict: said.verdict,
          findings: said.findings,
        })
        return { verdict: said.verdict, findings: said.findings.length, undeclared: said.undeclared.length }
      },
      probe: onlyReads,
    },
  ]
}

/** For a way back that somebody else began or goes on with. */
export const wayBackDoers = (cluster: ClusterConfig, store: Store): readonly Doer[] =>
  gateDoersOf({
    cluster,
    records: new GateRecords(store, Date.now),
    digest: (text) => text,
    keepFile: (name) => name,
    change: null,
  })

/** It changes nothing: it may always be done again. */
const onlyReads: Doer['probe'] = () => Promise.resolve('not-done')

const clusterChanged = (): AntemortemError =>
  new AntemortemError(
    'cluster-changed',
    'the cluster is not what it was when the plan was made',
    'Run the same command again: the change is rehearsed on what is there now.',
    { exit: 4 },
  )

const testsFailed = (messages: readonly string[]): AntemortemError =>
  new AntemortemError(
    'tests-failed',
    `production does not pass its tests after the change: ${messages.join('; ')}`,
    'Take it back, or mend what is named and go on.',
    { exit: 4 },
  )
