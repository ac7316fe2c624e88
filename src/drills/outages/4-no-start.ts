import { noStart } from '../no-start.ts'
import type { Drill } from '../scene.ts'

/**
 * Seed 4. A routine update of the database asks for a library that is not installed: the restart fails, and a healthy standby
 * stands by.
 */
const drill: Drill = {
  id: '4',
  title: 'Nobody can work after an update of the database: the server does not start',
  kind: 'outage',
  // Its postmortem tells when it began and ended, and nothing of what was done.
  course: [],
  original: { toCauseMin: null, totalMin: 4380 },
  guards: { prevent: 'gate:server/does-not-start', diagnose: 'drill:4' },
  act: ({ names }, random) =>
    noStart(names.primary, 'shared_preload_libraries', random.pick(['pg_cron', 'timescaledb', 'pg_squeeze'])),
}
export default drill
