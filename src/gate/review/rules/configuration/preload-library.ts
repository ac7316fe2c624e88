import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

const shipped = new Set(
  'auth_delay auto_explain basebackup_to_shell basic_archive passwordcheck pg_overexplain pg_prewarm pg_stat_statements sepgsql test_decoding'.split(
    ' ',
  ),
)

const namesIn = (value: string): readonly string[] =>
  value.split(',').flatMap((word) => {
    const name = word.trim().replaceAll(/^"|"$|^\$libdir\//g, '')
    return name === '' ? [] : [name]
  })

/** A library that a server cannot find keeps it from starting, on every node that reads the line. */
export default defineReviewRule({
  id: 'configuration/preload-library',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Is every library that a server loads at its start installed on its host?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings)
      for (const node of name === 'shared_preload_libraries' && value !== null ? nodes : []) {
        const now = factOf(input, node, 'settings')?.[name]
        const installed = input.topology?.extensions[node]
        const unknown = namesIn(value ?? '').filter(
          (library) =>
            !shipped.has(library) && !namesIn(now ?? '').includes(library) && !(installed ?? []).includes(library),
        )
        if (unknown.length > 0)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            severity: installed === undefined ? 'warning' : 'error',
            message: `${node} loads ${unknown.join(', ')} at its start${installed === undefined ? '' : ', and no extension of that name is installed on its host'}: where the library is missing, it does not start (58P01)`,
            remedy: `Install it on the host of ${node} first: ls "$(pg_config --pkglibdir)"/${unknown[0] ?? ''}.so`,
            at,
            basis: installed === undefined ? 'text' : 'probe',
          }
      }
  },
})
