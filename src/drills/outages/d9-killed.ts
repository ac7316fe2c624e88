import { subject } from '../../core/subject.ts'
import { sameRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** The primary's postmaster is killed, two seconds after a deployment that changes nothing. */
const drill: Drill = {
  id: 'd9',
  title: 'All logins fail just after a deployment: the primary was killed',
  kind: 'look-alike',
  ...noOriginal,
  act: ({ names, release }) => ({
    trigger: [
      { do: 'release', release: sameRelease(release) },
      { do: 'wait', ms: 2000 },
      { do: 'kill', node: names.primary },
    ],
    truth: {
      cause: 'server/crash',
      subject: subject.node(names.primary),
      trigger: null,
      also: ['replication/standby-disconnected', 'replication/subscriber-disconnected'],
      symptom: { min: 0.9 },
    },
  }),
}
export default drill
