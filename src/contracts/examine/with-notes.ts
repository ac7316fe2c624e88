import type { NamedTable } from '../../engines/postgres/logins/own-view.ts'
import type { ProbeResult } from '../probe.ts'
import type { Examined } from './examine.ts'
import type { ContractNote } from './note.ts'

/** The order in which an application meets them. */
const order = [
  'dns',
  'tcp',
  'tls',
  'access',
  'auth',
  'database',
  'capacity',
  'role',
  'query',
  'latency',
  'data',
  'stale',
]

/**
 * The answer with what was seen beside it: a contract that answers and has an error does not hold, and one that was refused has the
 * remedy of who knows more. Pure.
 */
export function withNotes(
  { fact, remedy, answer, server }: ProbeResult,
  examined: Examined | undefined,
  own: { readonly node: string; readonly tables: readonly NamedTable[] },
): ProbeResult & { readonly notes: readonly ContractNote[] } {
  const notes = examined?.notes ?? []
  const moved = examined?.tables ? movedFrom(examined.tables, own) : []
  const all = [...notes, ...moved].toSorted((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer))
  const [worst] = all.filter(({ severity }) => severity === 'error')
  if (fact.ok && !worst) return { fact, remedy, answer, server, notes: all }
  if (!worst || !fact.ok) {
    const told = { ...fact, layer: examined?.layer ?? fact.layer }
    return { fact: told, remedy: examined?.remedy ?? remedy, answer, server, notes: all }
  }
  const { layer, code, message } = worst
  return {
    fact: { ...fact, ok: false, layer, code, message, failures: 1 },
    remedy: worst.remedy,
    answer,
    server,
    notes: all,
  }
}

/** Names that lead to another schema than on the contract's own node. */
function movedFrom(
  tables: readonly NamedTable[],
  own: { readonly node: string; readonly tables: readonly NamedTable[] },
): readonly ContractNote[] {
  return tables.flatMap(({ name, schema }): ContractNote[] => {
    const there = own.tables.find((table) => table.name === name)?.schema ?? null
    if (there === null || schema === null || there === schema) return []
    return [
      {
        about: 'tables',
        severity: 'warning',
        layer: 'query',
        code: null,
        message: `${name} is that of schema ${schema} here, and of ${there} on ${own.node}`,
        remedy:
          'Compare search_path of the role on both (pg_db_role_setting, options of the connection), and their schemas.',
      },
    ]
  })
}
