import type { RealCluster } from './read-cluster.ts'

/** Rows of the primary's tables by production's own estimate (`pg_class.reltuples`), as `schema.table`. */
export const rowsOf = ({ nodes, primary }: RealCluster): ReadonlyMap<string, number> => {
  const tables = nodes.find(({ name }) => name === primary)?.facts.tables
  return new Map(
    tables?.seen ? tables.value.map(({ schema, name, rowsEstimated }) => [`${schema}.${name}`, rowsEstimated]) : [],
  )
}
