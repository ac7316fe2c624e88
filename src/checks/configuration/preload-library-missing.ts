import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'
import { unreadHosts } from '../../core/unread.ts'

/** A library that was loaded long ago may be gone from the disk: the server runs on with it, and starts without it never again. */
export default defineCheck({
  id: 'configuration/preload-library-missing',
  on: ['postgres'],
  severity: 'error',
  needs: [],
  needsCluster: ['hosts'],
  question: 'Is every library of shared_preload_libraries installed on its node?',
  seeds: [4],
  *run({ cluster }) {
    for (const { node, missingLibraries } of cluster.hosts.hosts) {
      if (missingLibraries === null || missingLibraries.length === 0) continue
      const list = missingLibraries.join(', ')
      yield {
        subject: subject.setting(node, 'shared_preload_libraries'),
        node,
        message: `${node} would not start: ${list} of its shared_preload_libraries ${missingLibraries.length === 1 ? 'is' : 'are'} not installed`,
        evidence: { name: 'shared_preload_libraries', missing: list },
        remedy: `Install the package with ${list} for this version on the host of ${node} (its folder: pg_config --pkglibdir), or take ${missingLibraries.length === 1 ? 'it' : 'them'} out of shared_preload_libraries. Do not restart before, and do not fail over to it.`,
      }
    }
  },
  unseen: ({ cluster }) => unreadHosts(cluster.hosts, ['libraries']),
})
