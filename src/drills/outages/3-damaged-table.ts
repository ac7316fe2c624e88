import type { LabStep } from '../../core/lab-step.ts'
import { subject } from '../../core/subject.ts'
import { ordersRelease } from '../releases.ts'
import type { Drill } from '../scene.ts'

/**
 * Seed 3. The update of a content management system makes the database fast and unsafe, and the crash that follows leaves half a
 * page of a table. Every read that meets it fails on the primary; the other nodes still have the rows.
 */
const drill: Drill = {
  id: '3',
  title: 'A shop is down after an update: a table is damaged',
  kind: 'outage',
  serving: ['primary'],
  course: [
    { minute: 0, words: 'Customers complain: the site is down' },
    { minute: 15, words: 'Engineers look at logs, network and queries' },
    { minute: 20, words: 'They suspect the network, or a dead server' },
    { minute: 45, words: 'The update is found to have misconfigured the database' },
    { minute: 60, words: 'They call the senior engineers' },
    { minute: 90, words: 'A damaged table is found' },
    { minute: 135, words: 'They begin to repair the table' },
    { minute: 240, words: 'The table is repaired, the site works' },
  ],
  original: { toCauseMin: 45, totalMin: 240 },
  guards: { prevent: 'gate:server/setting-harms', diagnose: 'drill:3', recover: 'drill:3' },
  act(scene, random) {
    const { primary } = scene.names
    const update = ['alter system set fsync = off', 'alter system set full_page_writes = off']
    return {
      // A lab's servers run unsafe to be quick; this one must have something to lose.
      setup: [
        { do: 'conf', node: primary, settings: { fsync: 'on' } },
        { do: 'reload', node: primary },
      ],
      trigger: [
        ...update.map((text): LabStep => ({ do: 'sql', node: primary, text })),
        { do: 'release', release: ordersRelease(scene) },
        { do: 'corrupt', node: primary, table: 'orders', page: 1 + random.int(8), offset: 2048, length: 2048 },
      ],
      truth: {
        cause: 'integrity/table-corruption',
        subject: subject.table(primary, 'public', 'orders'),
        trigger: subject.setting(primary, 'fsync'),
        triggers: [subject.setting(primary, 'full_page_writes'), 'kind:deployment'],
        symptom: { codes: ['XX001'], min: 0.1 },
      },
      change: {
        is: 'command',
        asMade: { does: 'sql', node: primary, statements: update },
        corrected: {
          does: 'sql',
          node: primary,
          statements: [`alter system set log_min_duration_statement = '1s'`, `alter system set work_mem = '8MB'`],
        },
        inCopy: true,
        expected: {
          rules: ['server/setting-harms'],
          objects: [subject.setting(primary, 'fsync')],
          node: primary,
        },
      },
    }
  },
}
export default drill
