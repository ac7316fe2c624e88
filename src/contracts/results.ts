import type { ProbeResult } from './probe.ts'

/**
 * One result for each instance and node: where an application has two routes to one node (it writes by one address and reads
 * by another), the one that fails speaks, else the slower one.
 */
export function oneEach<Result extends Pick<ProbeResult, 'fact'>>(results: readonly Result[]): readonly Result[] {
  const kept = new Map<string, Result>()
  for (const result of results) {
    const key = JSON.stringify([result.fact.contract, result.fact.instance, result.fact.node])
    const other = kept.get(key)
    if (!other || worse(result, other)) kept.set(key, result)
  }
  return [...kept.values()]
}

const worse = ({ fact }: Pick<ProbeResult, 'fact'>, { fact: other }: Pick<ProbeResult, 'fact'>): boolean =>
  fact.ok === other.ok ? fact.ok && fact.ms > other.ms : !fact.ok
