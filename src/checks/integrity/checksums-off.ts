import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** Without checksums a damaged page is handed out as if it were data, and goes into every backup. */
export default defineCheck({
  id: 'integrity/checksums-off',
  on: ['postgres'],
  severity: 'warning',
  needs: ['settings'],
  question: 'Does each server see damage of its own pages?',
  seeds: [3],
  *run({ nodes }) {
    for (const node of nodes)
      if (node.settings['data_checksums'] === 'off')
        yield {
          subject: subject.setting(node.name, 'data_checksums'),
          node: node.name,
          message: `${node.name} would not notice a damaged page: data_checksums is off`,
          evidence: { name: 'data_checksums', setting: 'off' },
          remedy: `Stop ${node.name} in good order, then on its host: pg_checksums --enable --progress -D DATA_DIRECTORY; start it. Standbys first, then switch over and do the old primary.`,
        }
  },
})
