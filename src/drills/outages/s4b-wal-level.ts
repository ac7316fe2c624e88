import { noStart } from '../no-start.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** Outage 4 with a setting that is well written and does not go with the others: replication needs more than minimal WAL. */
const drill: Drill = {
  id: 's4b',
  title: 'The server does not start after an update: wal_level',
  kind: 'variant',
  ...noOriginal,
  act: ({ names }) => noStart(names.primary, 'wal_level', 'minimal'),
}
export default drill
