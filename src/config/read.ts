import type { ClusterConfig, Configuration, VerifyConfig } from '../core/configuration.ts'
import { readContract } from './contracts.ts'
import { readDocument, type YamlDocument } from './document.ts'
import { readHost } from './hosts.ts'
import { readInvariant } from './invariants.ts'
import { problemsOf } from './issues.ts'
import { readMutes } from './mutes.ts'
import { configurationError, pathText, type Problem } from './problem.ts'
import { danglingNames } from './references.ts'
import { file, type ClusterShape, type FileShape } from './schema.ts'
import { passwordsIn } from './secrets.ts'
import { readThresholds, type Vocabulary } from './thresholds.ts'

export type { Vocabulary } from './thresholds.ts'

/** Reads antemortem.yaml. Throws one error (exit 2) that names every problem with file, line, column and key. */
export function readConfig(text: string, fileName: string, vocabulary: Vocabulary): Configuration {
  const document = readDocument(text)
  const problems: Problem[] = [...document.problems, ...passwordsIn(text, document)]
  if (document.problems.length > 0) throw configurationError(fileName, problems, hint)

  const read = file.safeParse(document.value)
  problems.push(...danglingNames(document))
  if (!read.success) throw configurationError(fileName, [...problemsOf(read.error.issues, document), ...problems], hint)

  const clusters = Object.entries(read.data.clusters).map(([name, shape]) => readCluster(name, shape, document))
  const { thresholds, problems: misjudged } = readThresholds(read.data.thresholds, vocabulary, document)
  const own = clusters.flatMap(({ cluster }) => cluster.invariants.map(({ name }) => `custom/${name}`))
  const muted = readMutes(read.data.mutes, [...vocabulary.checks.map(({ id }) => id), ...own], document)
  problems.push(...clusters.flatMap((cluster) => cluster.problems), ...misjudged, ...muted.problems)
  problems.push(...storeProblems(read.data, document))
  if (problems.length > 0) throw configurationError(fileName, problems, hint)

  return {
    file: fileName,
    clusters: clusters.map(({ cluster }) => cluster),
    postmortems: read.data.postmortems ?? null,
    store: read.data.store,
    thresholds,
    failOn: 'error',
    mutes: muted.mutes,
    places: placesOf(fileName, document),
  }
}

const hint = 'Mend the file; every key is described in docs/configuration.md.'

function readCluster(name: string, shape: ClusterShape, document: YamlDocument) {
  const path = ['clusters', name]
  const contracts = Object.entries(shape.contracts).map(([contract, value]) =>
    readContract(contract, value, [...path, 'contracts', contract], document),
  )
  const nodes = Object.entries(shape.nodes).map(([node, { url, act, host }]) => {
    const read = readHost(host, [...path, 'nodes', node, 'host'], document)
    return { node: { name: node, url, act: act ?? null, host: read.host }, problems: read.problems }
  })
  const invariants = Object.entries(shape.checks).map(([invariant, value]) =>
    readInvariant(invariant, value, [...path, 'checks', invariant], document),
  )
  const cluster: ClusterConfig = {
    name,
    engine: shape.engine,
    nodes: nodes.map(({ node }) => node),
    contracts: contracts.map(({ contract }) => contract),
    fence: shape.fence,
    invariants: invariants.map(({ invariant }) => invariant),
    ...(shape.verify && { verify: verifyOf(shape.verify) }),
  }
  return { cluster, problems: [...nodes, ...contracts, ...invariants].flatMap(({ problems }) => problems) }
}

const verifyOf = ({ tables, load, every }: NonNullable<ClusterShape['verify']>): VerifyConfig => ({
  tables,
  load,
  everyMs: every,
})

function storeProblems({ store }: FileShape, document: YamlDocument): readonly Problem[] {
  if (/^sqlite:./.test(store)) return []
  return [
    {
      ...document.placeOf(['store']),
      path: 'store',
      message: 'expected sqlite:PATH; other stores are not in this version yet',
    },
  ]
}

/** Where each text stands, so that what turns out wrong much later (a variable that is not set) can still name its line. */
const placesOf = (fileName: string, document: YamlDocument): Readonly<Record<string, string>> =>
  Object.fromEntries(
    document.scalars.map(({ path, place }) => [pathText(path), `${fileName}:${place.line}:${place.column}`]),
  )
