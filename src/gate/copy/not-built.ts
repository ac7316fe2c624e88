import type { Ddl } from '../../engines/postgres/ddl/extract.ts'
import { extractDdl } from '../../engines/postgres/ddl/extract.ts'
import type { Stage } from '../run/stage.ts'
import { linkOf } from '../run/stage.ts'
import type { RealCluster } from './read-cluster.ts'

/** Definitions of the cluster that its copy does not have, by reading the copy as the cluster was read. */
export async function notBuiltIn(stage: Stage, real: RealCluster): Promise<readonly string[]> {
  const missing = await Promise.all(
    [...real.ddl].map(async ([node, ddl]) => {
      const reached = await linkOf(stage, node).reach(stage.signal)
      if (!reached.ok) return [`${node}: ${reached.failure.message}`]
      const built = whatOf(await extractDdl(reached.reader, { signal: stage.signal, deadlineMs: 20_000 }))
      return [...whatOf(ddl)]
        .filter((what) => !built.has(what))
        .map((what) => `${node}: ${what} could not be made here`)
    }),
  )
  return missing.flat()
}

const whatOf = ({ statements, publications }: Ddl): ReadonlySet<string> =>
  new Set([...statements, ...publications].map(({ what }) => what))
